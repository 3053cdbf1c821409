"""Whom a campaign is for, and while what holds it goes on. Pure.

`enter` is asked as of the moment that it begins with (the cart went quiet, an item changed, something was ordered), so
that it is the same for every step; `continue` again as of each step's due time. Goods are asked about as they are known
when the step is decided on: those of the cart, the item itself, what was ordered.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from libs.contracts.events import GUESTS
from services.trigger.domain.amounts import Currency, Range
from services.trigger.domain.facts import About, Facts, ItemFacts
from services.trigger.domain.names import NAME
from services.trigger.domain.origins import NotOf
from services.trigger.domain.strict import Strict

CATEGORY_NOT_LISTED, CATEGORY_EXCLUDED = "category_not_listed", "category_excluded"
NOT_IN_SEGMENT, IN_SEGMENT = "not_in_segment", "in_segment"
OUT_OF_STOCK = "out_of_stock"
GUEST = "guest"
"""The reason of steps for a guest who has left an address, where a campaign is for those who log in."""

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

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return False

    def unmet_facts(self, about: About, facts: Facts, at: datetime) -> str | None:
        """Why somebody is left out at a moment, or None."""
        if self.segment is not None and not facts.is_in(about, self.segment, at):
            return NOT_IN_SEGMENT
        return IN_SEGMENT if any(facts.is_in(about, name, at) for name in self.not_segment) else None


class ForCustomers(InSegments):
    """Which customers a campaign is for."""

    guests: Literal["with_contact", "none"] = "with_contact"
    """Guests who have left an address take part, unless nobody does who has not logged in."""

    def unmet_customer(self, customer_id: str | None) -> str | None:
        """Why a customer is left out whatever else is known of them, or None."""
        if self.guests != "none":
            return None
        named = customer_id is not None and not customer_id.startswith(GUESTS)
        return None if named else GUEST

    @property
    def of_amounts(self) -> bool:
        """Whether it goes by what something costs."""
        return False

    def unmet(self, total: int | None, currency: str | None) -> str | None:  # noqa: ARG002 - for those that ask
        """Why a total is not one that it is for, or None."""
        return None


class ForGoods(ForCustomers):
    """The same, and by what they hold or have ordered: `total` in minor units for each currency, the least, or the
    least and the most; and of which `category`.
    """

    total: dict[Currency, Range] | None = None
    category: Categories | None = None

    @property
    def of_amounts(self) -> bool:
        """Whether it goes by what something costs."""
        return self.total is not None

    def unmet(self, total: int | None, currency: str | None) -> str | None:
        """Why a total is not one that it is for (`below_minimum`, `above_maximum`, `currency_not_listed`), or None."""
        if self.total is None:
            return None
        if total is None or currency not in self.total:
            return "currency_not_listed"
        least, most = self.total[currency]
        if total < least:
            return "below_minimum"
        return "above_maximum" if most is not None and total > most else None

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return self.category is not None

    def unmet_facts(self, about: About, facts: Facts, at: datetime) -> str | None:
        """Why somebody, or what it is about, is left out at a moment, or None."""
        why = self.category.unmet(facts.goods(about)) if self.category is not None else None
        return why or super().unmet_facts(about, facts, at)


class Enter(ForGoods):
    """The same of carts, and by who filled them."""

    origin: NotOf = NotOf()
    """Bots, staff and imports are left out; with `none: [bot, import]` staff's carts are reminded of as well."""


class Continue(InSegments):
    """While what a campaign goes on: `in_stock` says that some (`any`) or all of the goods can be bought.

    What nobody tells the level of can be bought.
    """

    in_stock: Literal["any", "all"] | None = None

    @property
    def of_items(self) -> bool:
        """Whether it goes by what is known of goods."""
        return self.in_stock is not None

    def unmet_facts(self, about: About, facts: Facts, at: datetime) -> str | None:
        """Why a step is not sent, or None."""
        if self.in_stock is not None and (goods := facts.goods(about)):
            there = [item.available is None or item.available > 0 for item in goods]
            if not (any(there) if self.in_stock == "any" else all(there)):
                return OUT_OF_STOCK
        return super().unmet_facts(about, facts, at)
