"""How long a store keeps what is over. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Spans:
    """Since an order was placed, something was changed, an erasure was asked for."""

    orders: timedelta
    audit: timedelta
    erasures: timedelta
