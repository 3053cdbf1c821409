"""From which level on an item runs low: for a store, a category, a sku, a location. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from services.cart.domain.goods import spelled
from services.cart.domain.limits import MAX_AVAILABLE

Units = Annotated[int, Field(ge=0, le=MAX_AVAILABLE)]
Margin = Annotated[int, Field(ge=1, le=MAX_AVAILABLE)]
Selector = Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(spelled)]
Where = tuple[str | None, str | None, str | None]
"""Sku, category, location; None where any will do."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Low at `threshold` units or fewer; over it again only from `rearm_above` units above that."""

    threshold: int
    rearm_above: int


class ThresholdRule(BaseModel):
    """A threshold for a sku, for a category, at a location, or for what is several of these at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sku: Selector | None = None
    category: Selector | None = None
    location: Selector | None = None
    threshold: Units
    rearm_above: Margin | None = None

    @property
    def where(self) -> Where:
        """For what it holds."""
        return self.sku, self.category, self.location


class Thresholds(BaseModel):
    """The thresholds of a store: `default`, and rules for what is otherwise.

    The most specific rule counts: sku before category before location; sku at a location before the sku anywhere.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Units = 5
    rearm_above: Margin = 3
    rules: tuple[ThresholdRule, ...] = Field(default=(), max_length=10_000)

    @model_validator(mode="after")
    def _rules_differ(self) -> Self:
        if any(rule.where == (None, None, None) for rule in self.rules):
            raise ValueError("a rule names a sku, a category or a location")
        if len({rule.where for rule in self.rules}) < len(self.rules):
            raise ValueError("two rules are for the same")
        return self

    def limit(self, sku: str, category: str | None, location: str | None, own: int | None = None) -> Limit:
        """The limit of a sku, at a location or (None) of its sum over all; `own` is one told with its level."""
        found = Limit(self.default, self.rearm_above)
        for shape in self._shapes:
            where = _masked((sku, category, location), shape)
            if _shape(where) == shape and where in self._index:
                found = self._index[where]
                break
        return found if own is None else Limit(own, found.rearm_above)

    @cached_property
    def _index(self) -> Mapping[Where, Limit]:
        return {rule.where: Limit(rule.threshold, rule.rearm_above or self.rearm_above) for rule in self.rules}

    @cached_property
    def _shapes(self) -> list[tuple[bool, ...]]:
        """Which selectors rules name, the most specific first: 10,000 rows are looked up in a few steps each."""
        return sorted({_shape(where) for where in self._index}, reverse=True)


def _shape(where: Where) -> tuple[bool, ...]:
    return tuple(part is not None for part in where)


def _masked(place: Where, shape: tuple[bool, ...]) -> Where:
    sku, category, location = (part if wanted else None for part, wanted in zip(place, shape, strict=True))
    return sku, category, location
