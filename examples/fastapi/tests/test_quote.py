"""The rules for prices."""

import pytest
from acme_money import Money

from app.quote import make_quote


@pytest.mark.parametrize(
    ("quantity", "total"),
    [(1, 1000), (9, 9000), (10, 9500), (99, 94050), (100, 90000)],
)
def test_a_larger_order_costs_less_for_each_piece(quantity: int, total: int) -> None:
    assert make_quote(Money(1000), quantity).total == Money(total)


def test_an_empty_order_has_no_price() -> None:
    with pytest.raises(ValueError, match="at least one piece"):
        make_quote(Money(1000), 0)
