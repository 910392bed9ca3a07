"""What an order costs. Knows nothing of HTTP."""

from dataclasses import dataclass

from acme_money import Money
from acme_pricing import discount_percent


@dataclass(frozen=True)
class Quote:
    """The price of an order, before and after its discount."""

    subtotal: Money
    discount: Money

    @property
    def total(self) -> Money:
        """What the customer pays."""
        return self.subtotal - self.discount


def make_quote(unit_price: Money, quantity: int) -> Quote:
    """Prices an order of `quantity` pieces."""
    if quantity < 1:
        raise ValueError("an order has at least one piece")
    subtotal = unit_price * quantity
    return Quote(subtotal=subtotal, discount=subtotal.percent(discount_percent(quantity)))
