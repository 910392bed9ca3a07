"""Amounts of money without rounding surprises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """An amount in cents."""

    cents: int
    currency: str = "EUR"

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents, self.currency)

    def __mul__(self, factor: int) -> Money:
        return Money(self.cents * factor, self.currency)

    def percent(self, percent: int) -> Money:
        """This part of the amount, rounded half up to a cent."""
        return Money((self.cents * percent + 50) // 100, self.currency)

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02} {self.currency}"
