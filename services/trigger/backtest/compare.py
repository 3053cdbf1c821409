"""What another version of the campaigns changes, and for whom. Pure."""

import json
from collections.abc import Callable, Collection
from uuid import UUID

from services.trigger.backtest.people import People
from services.trigger.backtest.run import At
from services.trigger.domain.told import Told, moment

_Key = tuple[str, str, UUID | None, int | None, UUID | None]
BEFORE, AFTER = 0, 1
Write = Callable[[At, str, int | None], object]
"""Takes a line, with where it stands; of what one side alone has told at the end, also which that is: it stands last.
"""


class Comparison:
    """Pairs the decisions of two sides by campaign, step, cart and version, and writes a line where they differ.

    A step that one side alone has is a difference at once, if it is sent; memory is that of steps whose other decision
    is still to come. `known` are the steps of each side, by campaign and name. A line stands where the later of the two
    does.
    """

    def __init__(self, known: tuple[Collection[tuple[str, str]], ...], write: Write) -> None:
        self._known, self._write = known, write
        self._open: tuple[dict[_Key, tuple[At, Told]], dict[_Key, tuple[At, Told]]] = ({}, {})
        self.differences = 0
        self.people = People()

    def take(self, side: int, at: At, one: Told) -> None:
        """A decision of a side."""
        if (one.campaign, one.name) not in self._known[1 - side]:
            self._tell(side, at, one, None)
            return
        key = one.campaign, one.name, one.cart_id, one.cart_version, one.about
        other = self._open[1 - side].pop(key, None)
        if other is None:
            self._open[side][key] = at, one
        else:
            self._tell(side, max(at, other[0]), one, other[1])

    def end(self) -> None:
        """What has no other decision by now has none."""
        for side in (BEFORE, AFTER):
            for at, one in self._open[side].values():
                self._tell(side, at, one, None, alone=side)
            self._open[side].clear()

    def _tell(self, side: int, at: At, one: Told, other: Told | None, *, alone: int | None = None) -> None:
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
        self._write(at, json.dumps(line, ensure_ascii=False) + "\n", alone)
        self.differences += 1
        self.people.add(one.customer_id or "")


def _said(one: Told) -> dict[str, object]:
    """All of it that its recipient could notice, and why not."""
    return {
        "step": one.step,
        "channel": one.channel,
        "due_at": moment(one.due_at),
        "outcome": one.outcome,
        "reason": one.reason,
        "arm": one.arm,
    } | ({"sent_at": moment(one.sent_at)} if one.sent_at else {})
