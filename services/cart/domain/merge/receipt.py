"""What a merge of two carts did, line by line: told at log-in, and listed afterwards. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Mode = Literal["max", "sum", "guest_wins", "customer_wins", "save_for_later"]
"""Which quantity a line has that is in both carts; `save_for_later` sets the customer's lines aside instead."""

Fate = Literal["added", "raised", "lowered", "kept", "saved", "set_aside", "dropped"]
Reason = Literal["currency", "limit", "stock", "mode"]

UNDO_VALIDITY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class MergedLine:
    """What became of one line of either cart: `quantity` is what the customer's cart holds of it now.

    Of what the mode asks for, units that did not fit (`reason`) were `set_aside` among the saved lines, and those that
    fit nowhere `dropped`: they are on record in the closed cart, and an undo brings them back. `saved` was aside
    before. `device` and `added_at` tell where the line came from.
    """

    line_id: UUID
    sku: str
    title: str
    fate: Fate
    quantity: int
    guest_quantity: int
    own_quantity: int
    set_aside: int
    dropped: int
    reason: Reason | None
    device: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """One merge. `claimed` is false, and the rest empty, where there was nothing to take over."""

    merge_id: UUID | None
    mode: Mode
    from_cart_id: UUID | None
    claimed: bool
    merged_at: datetime | None
    undo_until: datetime | None
    lines: tuple[MergedLine, ...]
    undone_at: datetime | None = None

    def undone(self, now: datetime) -> "Receipt":
        """This receipt once the merge is undone."""
        return replace(self, undone_at=now)


def nothing_merged(mode: Mode) -> Receipt:
    """The receipt of a log-in that found nothing to take over."""
    return Receipt(None, mode, None, claimed=False, merged_at=None, undo_until=None, lines=())
