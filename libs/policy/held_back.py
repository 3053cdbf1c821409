"""When a message may go to somebody who may have it: one text a cart, caps, a rest of theirs, quiet hours, laws. Pure.

The notifier sends by it, and the trigger tries campaigns by it on what has happened.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.policy.laws import NOTHING, Demands

RECIPIENT_PAUSED: Final = "recipient_paused"
DECLINED: Final = "declined"
CLOSED: Final = frozenset(
    {"no_contact", "no_consent", "suppressed", DECLINED, "no_sender", "one_sms_per_cart", "unknown_channel"}
    | {"unusable_address"}
)
"""Reasons that speak of a channel: another one may be open. What speaks of the cart, or of now, is the same on all."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """It may not or need not be sent, now or later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expire:
    """Its time has passed, or will have passed before it is allowed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It may be sent, but not before `until`."""

    until: datetime
    reason: str


class Wanted(NamedTuple):
    """A message to somebody who has agreed to it, and all that its moment hangs on.

    `quiet_since` is since when its cart is quiet, where it is about a quiet cart. A zero `cap` and no `quiet` hours are
    off; those are from when to when nobody is disturbed, by the clock of `zone`. `once_a_cart` is whether one
    abandonment may have one message on this channel and no more, `episode_sent` whether it had one. `last_sent_at` is
    when this channel was last used for them; until `rests_until` they want nothing at all.
    """

    channel: str
    expires_at: datetime
    zone: ZoneInfo
    cap: timedelta = timedelta()
    quiet: tuple[time, time] | None = None
    demands: Demands = NOTHING
    once_a_cart: bool = False
    quiet_since: datetime | None = None
    episode_sent: bool = False
    last_sent_at: datetime | None = None
    rests_until: datetime | None = None


def held_back(wanted: Wanted, now: datetime) -> Cancel | Expire | Wait | None:
    """Why it does not go now, or None where it does.

    What a cap or a quiet hour stops is put off within the lateness budget; where the budget ends earlier it expires
    under that reason instead of staying silent about it.
    """
    demands = wanted.demands
    if wanted.once_a_cart and wanted.episode_sent and (wanted.cap or demands.once_an_abandonment):
        return Cancel(f"one_{wanted.channel}_per_cart")
    latest = _latest(wanted)
    if now >= latest:
        return Expire("legal_period")
    until, reason = now, ""
    if wanted.cap and wanted.last_sent_at is not None and wanted.last_sent_at + wanted.cap > now:
        until, reason = wanted.last_sent_at + wanted.cap, "frequency_cap"
    if wanted.rests_until is not None and wanted.rests_until > until:
        until, reason = wanted.rests_until, RECIPIENT_PAUSED
    while until < latest:
        if wanted.quiet and (end := quiet_until(until, wanted.zone, *wanted.quiet)):
            until, reason = end, "quiet_hours"
        opens = demands.opens(until)
        if opens == until:
            break
        until, reason = opens or latest, "legal_hours"
    if until == now:
        return None
    return Expire(reason) if until >= latest else Wait(until, reason)


def _latest(wanted: Wanted) -> datetime:
    """Until when it may go: as long as its campaign lets it, and no longer after its cart was left than laws let it."""
    if not wanted.once_a_cart or wanted.quiet_since is None:
        return wanted.expires_at
    within = wanted.demands.within
    return wanted.expires_at if within is None else min(wanted.expires_at, wanted.quiet_since + within)


def quiet_until(moment: datetime, zone: ZoneInfo, start: time, end: time) -> datetime | None:
    """When the quiet hours that hold `moment` end, or None outside of them. They may run over midnight."""
    local = moment.astimezone(zone)
    clock = local.time()
    over_midnight = end <= start
    quiet = clock >= start or clock < end if over_midnight else start <= clock < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    ends = datetime.combine(day, end, zone).astimezone(moment.tzinfo)
    if ends <= moment:  # the clock shows that time twice, and we are behind the first
        ends = datetime.combine(day, end.replace(fold=1), zone).astimezone(moment.tzinfo)
    return ends
