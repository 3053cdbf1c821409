"""A customer's part in a campaign: which arm they are in, and when they entered. Pure.

A customer enters with the first step of an episode that is decided on, over all of their carts. Whoever has an arm
keeps it while it exists, whatever becomes of the weights.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from services.trigger.domain.names import NAME
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.durations import Duration

HOLDOUT = "holdout"
"""The arm that is never sent anything, to see what would have been bought anyway; the reason of its steps."""
TREATMENT = "treatment"
"""The arm of all others where a campaign has a holdout and names no arms."""
REENTERED = "reentered_too_soon"
"""The reason of steps of an episode with which a customer would enter more often than the campaign allows."""
OTHER_ARM = "other_arm"
"""The reason of a step that is for another arm."""
KEPT = 100
"""Of a customer's entries of a campaign, the newest so many are remembered."""

_Share = Annotated[int, Field(ge=1, le=100)]


class Split(Strict):
    """Shares in percent: `holdout` is told nothing, the rest goes to the arms."""

    holdout: Annotated[int, Field(ge=0, le=99)] = 0
    arms: dict[Annotated[str, Field(pattern=NAME)], _Share] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sums_to_100(self) -> Self:
        if HOLDOUT in self.arms:
            raise ValueError(f"{HOLDOUT} is no name for an arm")
        if self.arms and (total := self.holdout + sum(self.arms.values())) != 100:
            raise ValueError(f"holdout and arms come to {total}, not to 100")
        if not self.arms and not self.holdout:
            raise ValueError("name a holdout, or arms")
        return self

    @property
    def shares(self) -> dict[str, int]:
        """Every arm with its share, the holdout too."""
        arms = self.arms or {TREATMENT: 100 - self.holdout}
        return arms | ({HOLDOUT: self.holdout} if self.holdout else {})

    def draw(self, place: str, customer_id: str) -> str:
        """The arm of a customer at a `place` (store, campaign), the same at any time.

        By weighted rendezvous hashing: an arm that grows only takes from others, and loses nobody.
        """

        def cost(arm: str, share: int) -> float:
            digest = hashlib.sha256(f"{place}|{arm}|{customer_id}".encode()).digest()
            return -math.log((int.from_bytes(digest[:8]) + 1) / 2**64) / share

        return min(self.shares.items(), key=lambda one: cost(*one))[0]


class Reenter(Strict):
    """How often a customer may enter: not within `after` of another time, and at most `most` times in `per`."""

    after: Duration | None = Field(default=None, gt=timedelta(0))
    most: int | None = Field(default=None, ge=1, le=KEPT)
    per: Duration | None = Field(default=None, gt=timedelta(0))

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.most is None) != (self.per is None):
            raise ValueError("most and per go together")
        if self.after is None and self.most is None:
            raise ValueError("name after, or most and per")
        return self

    def allows(self, entries: tuple["Entry", ...], at: datetime) -> bool:
        """Whether somebody who entered at those times may enter at `at`.

        What came later counts, too: of carts that are looked at in any order no more than allowed are reminded of.
        """
        if self.after is not None and any(abs(at - entry.at) < self.after for entry in entries):
            return False
        near = [entry for entry in entries if self.per is not None and abs(at - entry.at) < self.per]
        return self.most is None or len(near) < self.most


class Entry(NamedTuple):
    """An episode (a cart with the version of its goods, a crossing) and when it began: aware, UTC."""

    episode: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Participation:
    """A customer's arm of a campaign, if it has arms, and with what they entered, the oldest first."""

    arm: str | None = None
    entries: tuple[Entry, ...] = ()


NO_PART = Participation()
Key = tuple[str, str, str]
"""Store, campaign, customer."""
NOTHING_KNOWN: Mapping[Key, Participation] = MappingProxyType({})


class Participants:
    """What is known of customers while decisions are taken; `changed` is what became of them."""

    def __init__(self, known: Mapping[Key, Participation] | None = None) -> None:
        self._known = dict(known or {})
        self.changed: dict[Key, Participation] = {}

    def of(self, key: Key) -> Participation:
        """A customer's part so far."""
        return self._known.get(key, NO_PART)

    def note(self, key: Key, after: Participation) -> None:
        """Remembers a customer's part where it has changed."""
        if after != self.of(key):
            self._known[key] = self.changed[key] = after


def enter(
    before: Participation, entry: Entry, split: Split | None, reenter: Reenter | None, key: Key
) -> Participation | None:
    """A customer's part with an episode, the first time or again; None where the campaign may not be entered again."""
    known = any(one.episode == entry.episode for one in before.entries)
    if not known and reenter is not None and not reenter.allows(before.entries, entry.at):
        return None
    store_id, campaign, customer_id = key
    arm = before.arm
    if split is None:
        arm = None
    elif arm not in split.shares:
        arm = split.draw(f"{store_id}|{campaign}", customer_id)
    entries = before.entries if known else tuple(sorted((*before.entries, entry), key=lambda one: one.at))[-KEPT:]
    return Participation(arm, entries)
