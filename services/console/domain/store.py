"""What the console has to know of a store. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Store:
    """Where its day begins and ends, its own currency where that was told, and what people call it."""

    store_id: str
    time_zone: str = "UTC"
    currency: str | None = None
    name: str | None = None
    locale: str = "en"
