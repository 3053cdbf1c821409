"""What shoppers of a trace do beside their carts, as the events that would have told of it. Pure.

Made without validation: the rows have been checked.
"""

from typing import Any
from uuid import UUID, uuid5

from deploy.traffic.trace import CLICK, VIEW, Row
from libs.contracts.events import Event, MessageClicked, ProductViewed, WatchCleared, WatchSet

NAMESPACE = UUID("7f1d1f0a-2b1e-5a53-9d0b-8f2f1d8f7a61")


class BesideEvents:
    """Whoever waits for a product waits for it once; memory is that of those who do."""

    def __init__(self, store_id: str) -> None:
        self._store_id = store_id
        self._waiting: dict[tuple[str, str], WatchSet] = {}

    def event(self, row: Row) -> Event | None:
        """What a row of `view`, `click`, `watch` or `unwatch` comes to, if it changes anything."""
        if row.event == VIEW:
            return ProductViewed.model_construct(**self._facts(row), skus=(row.sku,))
        if row.event == CLICK:
            return MessageClicked.model_construct(**self._facts(row), campaign=row.sku)
        return self._watched(row) if row.event == "watch" else self._unwatched(row)

    def _watched(self, row: Row) -> WatchSet | None:
        who = (row.customer_id, row.sku)
        if who in self._waiting:
            return None
        facts = self._facts(row)
        facts |= {"watch_id": facts["event_id"], "watch_version": 1, "sku": row.sku, "set_at": row.at}
        self._waiting[who] = told = WatchSet.model_construct(**facts)
        return told

    def _unwatched(self, row: Row) -> WatchCleared | None:
        before = self._waiting.pop((row.customer_id, row.sku), None)
        if before is None:
            return None
        facts = {"watch_id": before.watch_id, "watch_version": 2, "sku": row.sku, "set_at": before.set_at}
        return WatchCleared.model_construct(**self._facts(row) | facts, reason="asked")

    def _facts(self, row: Row) -> dict[str, Any]:
        name = f"{self._store_id}|{row.event}|{row.customer_id}|{row.sku}|{row.at}"
        return {
            "event_id": uuid5(NAMESPACE, name),
            "occurred_at": row.at,
            "store_id": self._store_id,
            "customer_id": row.customer_id,
        }
