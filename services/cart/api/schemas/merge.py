"""The shapes of answers about log-ins and identities, for the OpenAPI document."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.cart.api.schemas.cart import Cart
from services.cart.domain.merge.receipt import Fate, Mode, Reason


class MergedLine(BaseModel):
    """What became of one line of either cart: `quantity` is in the cart now, `set_aside` among the saved lines, and
    `dropped` fitted nowhere (it is on record, and comes back by an undo).
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
    added_at: AwareDatetime


class MergeReceipt(BaseModel):
    """What a log-in did with the guest's cart; `claimed` is false where there was nothing to take over."""

    merge_id: UUID | None
    mode: Mode
    from_cart_id: UUID | None
    claimed: bool
    merged_at: AwareDatetime | None
    undo_until: AwareDatetime | None
    lines: list[MergedLine]
    undone_at: AwareDatetime | None


class ClaimResult(BaseModel):
    """The customer's cart after log-in."""

    cart: Cart
    merge: MergeReceipt


class UndoResult(ClaimResult):
    """The customer's cart without what came, and the guest's cart that is there again (null: another customer's lines
    are set aside instead).
    """

    restored_cart_id: UUID | None


class MergePage(BaseModel):
    """A page of the receipts of the customer's cart, newest first."""

    merges: list[MergeReceipt]
    next: UUID | None


class CustomerMerge(MergeReceipt):
    """A receipt, and whether it can be undone now."""

    can_be_undone: bool


class CustomerMergePage(BaseModel):
    """A page of the receipts of all of a customer's carts, newest first."""

    merges: list[CustomerMerge]
    next: UUID | None


class IdentityPage(BaseModel):
    """A customer and a page of the other identities that act for this one."""

    customer_id: str
    identities: list[str]
    next: str | None


class LinkedIdentity(BaseModel):
    """The customer for whom an identity acts now, and what became of the cart that was gathered under it."""

    customer_id: str
    identity: str
    merge: MergeReceipt | None
