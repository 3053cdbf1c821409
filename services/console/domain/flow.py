"""The flow of a campaign as a page draws it: what its file says, and beside each step what became of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.console.domain.figures import CampaignFunnel, Step
from services.console.domain.pauses import Scope

TREATMENT, HOLDOUT = "treatment", "holdout"
"""Arms of a campaign that only holds some people out, as the trigger names them."""
_UNITS = {"D": "days", "H": "hours", "M": "minutes", "S": "seconds"}


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step: its place, when it goes and by what, and its figures by channel and arm."""

    number: int
    name: str
    channels: tuple[str, ...]
    after: timedelta | None
    template: str
    coupon: str | None
    arm: str | None
    figures: tuple[Step, ...]
    paused: bool

    def total(self, field: str) -> int:
        """A figure over all channels and arms."""
        return sum(getattr(one, field) for one in self.figures)

    @property
    def skipped(self) -> tuple[tuple[str, int], ...]:
        """Why nothing was sent, and how often, the most frequent first; who was held out stands elsewhere."""
        counted: dict[str, int] = {}
        for one in self.figures:
            for reason in (*one.skipped, *one.not_sent):
                if reason.reason != "holdout":
                    counted[reason.reason] = counted.get(reason.reason, 0) + reason.number
        return tuple(sorted(counted.items(), key=lambda found: (-found[1], found[0])))

    @property
    def revenue(self) -> tuple[tuple[str, int], ...]:
        """What orders came to, by currency."""
        counted: dict[str, int] = {}
        for one in self.figures:
            for money in one.revenue.amounts:
                counted[money.currency] = counted.get(money.currency, 0) + money.amount
        return tuple(sorted(counted.items()))


@dataclass(frozen=True, slots=True)
class Flow:
    """A campaign: `since` when it is on, its steps in order, whether all of it is held
    back, and of a hundred people how many are told nothing."""

    name: str
    kind: str
    since: str
    paused: bool
    holdout: int
    steps: tuple[StepShown, ...]
    figures: CampaignFunnel | None


def flows_of(in_force: Mapping[str, Any], funnels: Sequence[CampaignFunnel], pauses: Sequence[Scope]) -> list[Flow]:
    """The campaigns as the trigger has them in force, in its order."""
    known = {funnel.campaign: funnel for funnel in funnels}
    return [_flow(one, known.get(one["campaign"]["name"]), pauses) for one in in_force["campaigns"]]


def planned_of(in_force: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The share of each arm of each campaign that divides its people; who is told nothing is an arm as well."""
    found: dict[str, dict[str, float]] = {}
    for said in (one["campaign"] for one in in_force["campaigns"]):
        split = said.get("split") or {}
        holdout = split.get("holdout") or 0
        shares = dict(split.get("arms") or ({TREATMENT: 100 - holdout} if holdout else {}))
        if holdout:
            shares[HOLDOUT] = holdout
        if shares:
            found[said["name"]] = {arm: share / 100 for arm, share in shares.items()}
    return found


def duration(text: str | None) -> timedelta | None:
    """What an ISO 8601 duration says, as the trigger writes it; None where it says none."""
    if not text or not text.startswith("P"):
        return None
    found: dict[str, float] = {}
    number, in_time = "", False
    for sign in text[1:]:
        if sign == "T":
            in_time = True
        elif sign.isdigit() or sign == ".":
            number += sign
        elif number and sign in _UNITS and in_time == (sign != "D"):
            found[_UNITS[sign]], number = float(number), ""
        else:
            return None
    return timedelta(**found)


def _flow(one: Mapping[str, Any], funnel: CampaignFunnel | None, pauses: Sequence[Scope]) -> Flow:
    said = one["campaign"]
    name = said["name"]
    steps = tuple(
        _step(number, step, name, funnel, pauses) for number, step in enumerate(said.get("steps") or (), start=1)
    )
    held = bool(said.get("paused")) or any(scope.covers(name) for scope in pauses)
    holdout = (said.get("split") or {}).get("holdout") or 0
    return Flow(name, said["kind"], one["since"], held, holdout, steps, funnel)


def _step(
    number: int, said: Mapping[str, Any], campaign: str, funnel: CampaignFunnel | None, pauses: Sequence[Scope]
) -> StepShown:
    channels = tuple(said.get("channels") or [said.get("channel") or "email"])
    figures = tuple(one for one in funnel.steps if one.step == number) if funnel else ()
    held = any(scope.covers(campaign, number, channel) for scope in pauses for channel in channels)
    return StepShown(
        number=number,
        name=said.get("name") or "",
        channels=channels,
        after=duration(said.get("delay")),
        template=said.get("template") or "",
        coupon=said.get("coupon"),
        arm=(said.get("when") or {}).get("arm"),
        figures=figures,
        paused=held,
    )
