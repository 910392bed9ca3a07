"""A small service that tells what an order costs."""
