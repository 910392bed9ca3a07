"""The service's HTTP face."""

from acme_money import Money
from fastapi import FastAPI
from pydantic import BaseModel, Field

from app.quote import make_quote

app = FastAPI(title="Quotes")


class Order(BaseModel):
    """What a customer asks for."""

    unit_price_cents: int = Field(ge=0)
    quantity: int = Field(ge=1)


class Answer(BaseModel):
    """What the customer is told."""

    subtotal: str
    discount: str
    total: str


@app.get("/health")
def health() -> dict[str, str]:
    """Says that the service runs."""
    return {"status": "ok"}


@app.post("/quotes")
def create_quote(order: Order) -> Answer:
    """Prices an order."""
    quote = make_quote(Money(order.unit_price_cents), order.quantity)
    return Answer(
        subtotal=str(quote.subtotal),
        discount=str(quote.discount),
        total=str(quote.total),
    )
