"""What a campaign names that there isn't: asked of what is said, and so told beside whatever else is wrong. Pure.

pydantic looks at what hangs together only where every field is right by itself; a typo in one step is to hide no arm,
segment or zone that is missing elsewhere.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.trigger.domain.faults import Fault, Place
from services.trigger.domain.participation import Split
from services.trigger.domain.timing.windows import Window

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """What a file says beside its campaigns: its segments' names, None where they are wrong themselves, and its
    timezone; `zone_wrong` where that is.
    """

    segments: Collection[str] | None
    timezone: str | None
    zone_wrong: bool = False


def missing(said: Any, around: Around, wrong: ValidationError | None) -> Iterator[Fault]:  # noqa: ANN401 - whatever the file holds
    """Arms, segments and zones that a campaign goes by and nobody has said, where nothing is `wrong` with the place."""
    told = [one["loc"] for one in wrong.errors()] if wrong is not None else []
    if not isinstance(said, Mapping) or () in told:
        return
    places = [place[1:] for place in told if len(place) > 1]  # the first part is the kind
    for fault in (*_arms(said), *_segments(said, around.segments), *_zones(said, around)):
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


def _steps(said: Said) -> Iterator[tuple[int, Said]]:
    steps = said.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, Mapping):
            yield number, step
