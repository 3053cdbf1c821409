"""Whom a campaign is for, and while what holds it goes on, by facts beside the cart. Pure.

`enter` is asked as of the moment when the cart went quiet, so that it is the same for every step; `continue` again as
of each step's due time. Goods are asked about as they are known when the step is decided on.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from services.trigger.domain.carts import CartState
from services.trigger.domain.facts import Facts, ItemFacts
from services.trigger.domain.names import NAME
from services.trigger.domain.strict import Strict

CATEGORY_NOT_LISTED, CATEGORY_EXCLUDED = "category_not_listed", "category_excluded"
NOT_IN_SEGMENT, IN_SEGMENT = "not_in_segment", "in_segment"
OUT_OF_STOCK = "out_of_stock"

Name = Annotated[str, Field(pattern=NAME)]
Names = Annotated[tuple[str, ...], Field(min_length=1, max_length=200)]


class Categories(Strict):
    """Which goods: some in `any` of these categories, and nothing in those of `none`."""

    any: Names | None = None
    none: Names | None = None

    def unmet(self, goods: Iterable[ItemFacts]) -> str | None:
        """Why a cart is left out, or None."""
        categories = {item.category for item in goods}
        if self.none is not None and not categories.isdisjoint(self.none):
            return CATEGORY_EXCLUDED
        if self.any is not None and categories.isdisjoint(self.any):
            return CATEGORY_NOT_LISTED
        return None


def _no_twice(names: Sequence[str]) -> Sequence[str]:
    if len(set(names)) < len(names):
        raise ValueError("a segment is named twice")
    return names


class InSegments(Strict):
    """Who is in `segment`, and in none of `not_segment`."""

    segment: Name | None = None
    not_segment: Annotated[tuple[Name, ...], AfterValidator(_no_twice)] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The segments that are named, each with its field."""
        one = [("segment", self.segment)] if self.segment is not None else []
        return (*one, *(("not_segment", name) for name in self.not_segment))

    def unmet_segments(self, cart: CartState, facts: Facts, at: datetime) -> str | None:
        """Why a customer is left out at a moment, or None."""
        if self.segment is not None and not facts.is_in(cart, self.segment, at):
            return NOT_IN_SEGMENT
        return IN_SEGMENT if any(facts.is_in(cart, name, at) for name in self.not_segment) else None


class Continue(InSegments):
    """While what a campaign goes on: `in_stock` says that some (`any`) or all of the goods can be bought.

    What nobody tells the level of can be bought.
    """

    in_stock: Literal["any", "all"] | None = None

    def unmet(self, cart: CartState, facts: Facts, at: datetime) -> str | None:
        """Why a step is not sent, or None."""
        if self.in_stock is not None and (goods := facts.goods(cart)):
            there = [item.available is None or item.available > 0 for item in goods]
            if not (any(there) if self.in_stock == "any" else all(there)):
                return OUT_OF_STOCK
        return self.unmet_segments(cart, facts, at)
