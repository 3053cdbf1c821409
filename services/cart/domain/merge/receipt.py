"""What a merge of two carts did, line by line: told at log-in, and listed afterwards. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from services.cart.domain.errors import Refusal
from services.cart.domain.merge.modes.registry import MODES

if TYPE_CHECKING:
    Mode = str
else:
    Mode = Literal[tuple(MODES)]
    """The name of a merge mode: as the registry has them, so do the API, its document and the settings of a store."""

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


def why_not_undone(receipt: Receipt, cart_status: str, now: datetime) -> Refusal | None:
    """Why a merge can't be undone (any more): it was, it is too late, or its cart is closed. None where it can."""
    if receipt.undone_at is not None:
        return Refusal("merge-undone", "This merge was undone before.")
    if receipt.undo_until is None or receipt.undo_until <= now:
        return too_late()
    return None if cart_status == "active" else settled(cart_status)


def too_late() -> Refusal:
    """Told once the carts as they were are not kept any more."""
    return Refusal("undo-expired", "A merge can be undone for 24 hours.")


def settled(cart_status: str) -> Refusal:
    """Told where the cart that was merged into is closed."""
    words = {
        "ordered": "What was merged has been ordered since.",
        "merged": "This cart has become part of another one since.",
    }
    return Refusal("merge-settled", words.get(cart_status, "This cart is closed."), cart_status=cart_status)
