"""What a level that was told means for a sku: its places, their sum, and whether it has become low. Pure.

Whatever order levels come in, one with an older sequence than its place knows is stale and changes nothing. A sku and
each of its places crosses once on the way down, and once on the way up: where it trembles in between nothing is told.
A level that rises does not cross on the way down, wherever its threshold has gone meanwhile; its next fall does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from services.cart.domain.stock.commands import Level
from services.cart.domain.stock.thresholds import Limit, Thresholds


@dataclass(frozen=True, slots=True)
class Count:
    """Units somewhere. `version` counts their changes, 0 where nobody has told of them yet; `low` is None where nobody
    has watched them yet. `threshold` is their own, told with the level.
    """

    available: int = 0
    version: int = 0
    low: bool | None = None
    sequence: int | None = None
    threshold: int | None = None


NOWHERE = Count()


@dataclass(frozen=True, slots=True)
class Stock:
    """A sku: `total` is the sum of all its places and has the sequence of the level without a location.

    `located` units of it lie at named locations; `places` are those locations that matter now. `held` says that some of
    it may be held back for carts. On `backorder` it may be ordered beyond its level.
    """

    sku: str
    total: Count = NOWHERE
    located: int = 0
    places: Mapping[str, Count] = field(default_factory=lambda: MappingProxyType({}))
    category: str | None = None
    updated_at: datetime | None = None
    held: bool = False
    backorder: bool | None = None

    @property
    def unplaced(self) -> int:
        """Units that lie at no named location; below nothing where a release that knows of none has told the sum."""
        return self.total.available - self.located


UNKNOWN = Stock("")
KEPT = {"category", "threshold", "backorder"}
"""What is kept of a sku until it is told anew."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A level that fell to its threshold, or rose clear of it: at a location, or (None) over all."""

    kind: Literal["low", "recovered"]
    sku: str
    location: str | None
    count: Count
    limit: Limit
    category: str | None


@dataclass(frozen=True, slots=True)
class Stocked:
    """A batch of levels, taken in: skus to save, in order of sku; crossings; places in the batch of stale levels."""

    saved: Sequence[Stock]
    crossings: Sequence[Crossing]
    stale: Sequence[int]


def apply_levels(known: Mapping[str, Stock], levels: Sequence[Level], thresholds: Thresholds, now: datetime) -> Stocked:
    """Applies levels in their order. Several of one sku are one change: what counts is where it ends."""
    after: dict[str, Stock] = {}
    stale: list[int] = []
    for number, level in enumerate(levels):
        before = after.get(level.sku) or known.get(level.sku) or Stock(level.sku)
        stock = _apply(before, level)
        if stock is None:
            stale.append(number)
        else:
            after[level.sku] = stock
    saved: list[Stock] = []
    crossings: list[Crossing] = []
    for sku in sorted(after):
        before = known.get(sku) or Stock(sku)
        stock = _with_versions(before, after[sku], thresholds, now)
        if stock != before:
            saved.append(stock)
            crossings += _crossings(before, stock, thresholds)
    return Stocked(saved, crossings, stale)


def moving_skus(known: Mapping[str, Stock], levels: Sequence[Level]) -> tuple[set[str], list[int]]:
    """The skus of which a level may change something, and the places of levels of others that are stale.

    The others need not be held: what is equal changes nothing, and what is stale stays so.
    """
    skus: set[str] = set()
    stale: list[int] = []
    for number, level in enumerate(levels):
        stock = known.get(level.sku, UNKNOWN)
        count = stock.total if level.location is None else stock.places.get(level.location, NOWHERE)
        if _is_stale(count, level):
            stale.append(number)
        elif not count.version or level.sequence is not None or _differs(stock, count, level):
            skus.add(level.sku)
    return skus, [number for number in stale if levels[number].sku not in skus]


def _is_stale(count: Count, level: Level) -> bool:
    return level.sequence is not None and count.sequence is not None and level.sequence <= count.sequence


def _differs(stock: Stock, count: Count, level: Level) -> bool:
    there = count.available if level.location is not None else stock.unplaced
    return there != level.available or not level.model_fields_set.isdisjoint(KEPT)


def limit_of(stock: Stock, thresholds: Thresholds, location: str | None = None) -> Limit:
    """From which level on a sku runs low, over all or at a location. What was told with a level goes before rules."""
    own = stock.total.threshold
    if location is not None and (place := stock.places.get(location)) and place.threshold is not None:
        own = place.threshold
    return thresholds.limit(stock.sku, stock.category, location, own)


def fallen(before: Stock, after: Stock) -> int:
    """Units by which the only place that had any of a sku fell.

    Orders do not say from where they are sent: of several places nobody can tell whose level is one without them.
    """
    pairs = [(count.available, after.places[name].available) for name, count in before.places.items()]
    pairs.append((before.unplaced, after.unplaced))
    return next((max(had - has, 0) for had, has in pairs if had and had == before.total.available), 0)


def _apply(stock: Stock, level: Level) -> Stock | None:
    """The sku after a level was told; None where that is stale. Nothing is counted or watched yet."""
    count = stock.total if level.location is None else stock.places.get(level.location, NOWHERE)
    if _is_stale(count, level):
        return None
    category = level.category if "category" in level.model_fields_set else stock.category
    threshold = level.threshold if "threshold" in level.model_fields_set else count.threshold
    backorder = level.backorder if "backorder" in level.model_fields_set else stock.backorder
    sequence = count.sequence if level.sequence is None else level.sequence
    if level.location is None:
        available = level.available + stock.located
        total = replace(count, available=available, sequence=sequence, threshold=threshold)
        return replace(stock, total=total, category=category, backorder=backorder)
    place = replace(count, available=level.available, sequence=sequence, threshold=threshold)
    located = stock.located - count.available + place.available
    total = replace(stock.total, available=max(stock.unplaced, 0) + located)
    places = {**stock.places, level.location: place}
    return replace(stock, total=total, located=located, places=places, category=category, backorder=backorder)


def _with_versions(before: Stock, after: Stock, thresholds: Thresholds, now: datetime) -> Stock:
    """With versions of what has changed, and whether that is low."""
    places = {
        name: _with_version(before.places.get(name, NOWHERE), place, limit_of(after, thresholds, name))
        for name, place in after.places.items()
    }
    total = _with_version(before.total, after.total, limit_of(after, thresholds))
    changed = total.version != before.total.version
    at = max(now, before.updated_at or now) if changed else before.updated_at
    return replace(after, total=total, places=places, updated_at=at)


def _with_version(before: Count, after: Count, limit: Limit) -> Count:
    if before.version and before.available == after.available:
        return after
    return replace(after, version=before.version + 1, low=_is_low(before, after.available, limit))


def _is_low(before: Count, available: int, limit: Limit) -> bool:
    if available <= limit.threshold and (not before.version or available < before.available):
        return True
    return _was_low(before, limit) and available < limit.threshold + limit.rearm_above


def _was_low(before: Count, limit: Limit) -> bool:
    return before.version > 0 and (before.available <= limit.threshold if before.low is None else before.low)


def _crossings(before: Stock, after: Stock, thresholds: Thresholds) -> Iterable[Crossing]:
    yield from _crossing(before.total, after.total, after, None, thresholds)
    for name, place in after.places.items():
        yield from _crossing(before.places.get(name, NOWHERE), place, after, name, thresholds)


def _crossing(
    then: Count, now: Count, stock: Stock, location: str | None, thresholds: Thresholds
) -> Iterable[Crossing]:
    # the first level ever told is no crossing: nobody saw it fall
    if not then.version or then.version == now.version:
        return
    limit = limit_of(stock, thresholds, location)
    if bool(now.low) != _was_low(then, limit):
        kind: Literal["low", "recovered"] = "low" if now.low else "recovered"
        yield Crossing(kind, stock.sku, location, now, limit, stock.category)
