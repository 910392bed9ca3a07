"""The service as its customers see it."""

from fastapi.testclient import TestClient

from app.main import app

client = TestClient(app)


def test_health() -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_an_order_is_priced() -> None:
    response = client.post("/quotes", json={"unit_price_cents": 1999, "quantity": 10})
    assert response.status_code == 200
    assert response.json() == {
        "subtotal": "199.90 EUR",
        "discount": "10.00 EUR",
        "total": "189.90 EUR",
    }


def test_an_order_of_nothing_is_refused() -> None:
    response = client.post("/quotes", json={"unit_price_cents": 1999, "quantity": 0})
    assert response.status_code == 422
