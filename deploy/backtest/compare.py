"""What another version of the campaigns changes, and for whom. Pure."""

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from uuid import UUID

from services.trigger.domain.told import Told

_Key = tuple[str, str, UUID | None, int | None, UUID | None]
BEFORE, AFTER = 0, 1


class Comparison:
    """Pairs the decisions of two sides by campaign, step, cart and version, and writes a line where they differ.

    A step that one side alone has is a difference at once, if it is sent; memory is that of steps whose other decision
    is still to come. `known` are the steps of each side, by campaign and name.
    """

    def __init__(self, known: tuple[Collection[tuple[str, str]], ...], write: Callable[[str], object]) -> None:
        self._known, self._write = known, write
        self._open: tuple[dict[_Key, Told], dict[_Key, Told]] = ({}, {})
        self.differences = 0
        self.people: set[str] = set()

    def take(self, side: int, one: Told) -> None:
        """A decision of a side."""
        if (one.campaign, one.name) not in self._known[1 - side]:
            self._tell(side, one, None)
            return
        key = one.campaign, one.name, one.cart_id, one.cart_version, one.about
        other = self._open[1 - side].pop(key, None)
        if other is None:
            self._open[side][key] = one
        else:
            self._tell(side, one, other)

    def end(self) -> None:
        """What has no other decision by now has none."""
        for side in (BEFORE, AFTER):
            for one in self._open[side].values():
                self._tell(side, one, None)
            self._open[side].clear()

    def _tell(self, side: int, one: Told, other: Told | None) -> None:
        sent = [said for said in (one, other) if said and said.outcome == "would_send"]
        if not sent or (other is not None and _said(one) == _said(other)):
            return
        sides = {("before", "after")[side]: _said(one), ("before", "after")[1 - side]: other and _said(other)}
        line = {
            "customer_id": one.customer_id,
            "campaign": one.campaign,
            "name": one.name,
            "cart_id": one.cart_id and str(one.cart_id),
            "cart_version": one.cart_version,
            "before": sides["before"],
            "after": sides["after"],
        }
        self._write(json.dumps(line, ensure_ascii=False) + "\n")
        self.differences += 1
        self.people.add(one.customer_id or "")


def _said(one: Told) -> dict[str, object]:
    """All of it that its recipient could notice, and why not."""
    return {
        "step": one.step,
        "channel": one.channel,
        "due_at": _moment(one.due_at),
        "outcome": one.outcome,
        "reason": one.reason,
        "arm": one.arm,
    } | ({"sent_at": _moment(one.sent_at)} if one.sent_at else {})


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
