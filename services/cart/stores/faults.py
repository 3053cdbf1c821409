"""Stores whose file or row can't be used as it is: told once in the log, and by a metric while it lasts."""

import structlog
from prometheus_client import Gauge

log = structlog.get_logger(__name__)

_BROKEN = Gauge(
    "evercart_cart_store_broken",
    "1 while what is said of a store can't be used and the last that could holds",
    ["source", "store"],
)


class Faults:
    """What is broken now."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def tell(self, source: str, store: str, error: str, *, kept_old: bool) -> None:
        """Notes a fault; `error` names places and rules, never values, for those may be secrets."""
        self._told.add((source, store))
        _BROKEN.labels(source, store).set(1)
        log.error("stores.broken", source=source, store=store, error=error, kept_old=kept_old)

    def clear(self, source: str, store: str) -> None:
        """Notes that it is mended, or gone."""
        if (source, store) in self._told:
            _BROKEN.labels(source, store).set(0)


BROKEN = Faults()
