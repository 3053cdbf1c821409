"""A request that bears a key, for what looks at nothing else of it."""

from starlette.requests import Request


def bearing(key: str) -> Request:
    """A request of whoever has this key."""
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {key}".encode())]})
