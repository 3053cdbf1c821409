"""What a campaign names that there isn't: asked of what is said, and so told beside whatever else is wrong. Pure.

pydantic looks at what hangs together only where every field is right by itself; a typo in one step is to hide no arm,
segment or zone that is missing elsewhere.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import ValidationError

from libs.contracts.channel_rules import KnownChannel
from services.trigger.domain.faults import Fault, Place
from services.trigger.domain.participation import Split
from services.trigger.domain.timing.windows import Window

Said = Mapping[str, Any]
_CHANNELS = get_args(KnownChannel)


@dataclass(frozen=True, slots=True)
class Around:
    """What a file says beside its campaigns: its segments' names, None where they are wrong themselves, and its
    timezone; `zone_wrong` where that is. Of the store its templates, by their names the channels that each has words
    for, and its pools of coupons; None where nobody has told.
    """

    segments: Collection[str] | None
    timezone: str | None
    zone_wrong: bool = False
    templates: Mapping[str, Collection[str]] | None = None
    pools: Collection[str] | None = None


def missing(said: Any, around: Around, wrong: ValidationError | None) -> Iterator[Fault]:  # noqa: ANN401 - whatever the file holds
    """Arms, segments, zones, templates and pools that a campaign goes by and nobody has, where nothing is `wrong` with
    the place itself.
    """
    told = [one["loc"] for one in wrong.errors()] if wrong is not None else []
    if not isinstance(said, Mapping) or () in told:
        return
    places = [place[1:] for place in told if len(place) > 1]  # the first part is the kind
    for fault in (*_arms(said), *_segments(said, around.segments), *_zones(said, around), *_contents(said, around)):
        if not any(fault.place[: len(place)] == place for place in places):
            yield fault


def _arms(said: Said) -> Iterator[Fault]:
    arms: Collection[str] = ()
    if (split := said.get("split")) is not None:
        try:
            arms = Split.model_validate(split).shares
        except ValidationError:
            return
    for number, step in _steps(said):
        when = step.get("when")
        arm = when.get("arm") if isinstance(when, Mapping) else None
        if isinstance(arm, str) and arm not in arms:
            yield Fault(("steps", number, "when", "arm"), f"no arm of the split is named {arm}")
        if step.get("variants") and split is not None:
            place = ("steps", number, "variants")
            yield Fault(place, "a campaign has a split, or its steps have variants, not both")


def _segments(said: Said, known: Collection[str] | None) -> Iterator[Fault]:
    for part in ("enter", "continue"):
        asks = said.get(part)
        if known is None or not isinstance(asks, Mapping):
            continue
        several = asks.get("not_segment")
        named: list[tuple[Place, Any]] = [((part, "segment"), asks.get("segment"))]
        if isinstance(several, list):
            named += [((part, "not_segment", number), name) for number, name in enumerate(several)]
        for place, name in named:
            if isinstance(name, str) and name not in known:
                yield Fault(place, f"no segment of the file is named {name}")


def _zones(said: Said, around: Around) -> Iterator[Fault]:
    if around.zone_wrong:
        return
    for number, step in _steps(said):
        try:
            window = Window.model_validate(step["at"])
            window.in_zone(around.timezone)
        except (KeyError, ValidationError):
            continue
        except ValueError as error:
            yield Fault(("steps", number, "at"), str(error))


def _contents(said: Said, around: Around) -> Iterator[Fault]:
    for place, part, channels in _parts(said):
        coupon, template = part.get("coupon"), part.get("template")
        pool = coupon.get("pool") if isinstance(coupon, Mapping) else None
        yield from _unknown((*place, "template"), template, around.templates, "template")
        yield from _unknown((*place, "coupon", "pool"), pool, around.pools, "pool of coupons")
        has = (around.templates or {}).get(template) if isinstance(template, str) else None
        if has is not None:
            for channel in (one for one in channels if one in _CHANNELS and one not in has):
                yield Fault((*place, "template"), f"the template {template} has no words for {channel}")


def _unknown(place: Place, name: Any, known: Collection[str] | None, what: str) -> Iterator[Fault]:  # noqa: ANN401 - as above
    if known is not None and isinstance(name, str) and name not in known:
        yield Fault(place, f"the store has no {what} named {name}")


def _parts(said: Said) -> Iterator[tuple[Place, Said, Sequence[Any]]]:
    """What says what is sent, steps and variants of them, and by which channels."""
    for number, step in _steps(said):
        several, variants = step.get("channels"), step.get("variants")
        channels = several if isinstance(several, list) else [step.get("channel")]
        yield ("steps", number), step, channels
        for place, one in enumerate(variants if isinstance(variants, list) else ()):
            if isinstance(one, Mapping):
                yield ("steps", number, "variants", place), one, channels


def _steps(said: Said) -> Iterator[tuple[int, Said]]:
    steps = said.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, Mapping):
            yield number, step
