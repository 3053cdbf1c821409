"""One thing that a customer should know of a line. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID, uuid5

NOTICES = UUID("b0a1f1c6-6e0e-5a83-9d0c-6a5b8f0f4d27")
"""Namespace of notice ids: changing it would tell everybody everything again."""

Kind = Literal["price_changed", "price_taken", "out_of_stock", "low_stock", "quantity_cut", "line_merged", "line_moved"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a customer should know of a line: `before` and `after` are minor units of a price or units."""

    notice_id: UUID
    kind: Kind
    line_id: UUID
    sku: str
    title: str
    before: int | None
    after: int | None
    at: datetime


class Named(Protocol):
    """A line, in a cart or in a receipt."""

    @property
    def line_id(self) -> UUID:
        """Its id."""

    @property
    def sku(self) -> str:
        """What it is of."""

    @property
    def title(self) -> str:
        """What people call it."""


def notice(name: str, kind: Kind, line: Named, *, before: int, after: int, at: datetime) -> Notice:
    """A notice whose id is made of `name`: of its facts."""
    return Notice(
        notice_id=uuid5(NOTICES, name),
        kind=kind,
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        before=before,
        after=after,
        at=at,
    )
