"""The discounts that nobody outside the company may see."""


def discount_percent(quantity: int) -> int:
    """The discount for an order of this many pieces."""
    if quantity >= 100:
        return 10
    if quantity >= 10:
        return 5
    return 0
