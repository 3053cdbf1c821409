"""What is planned for a cart that went quiet, and what of it is due. Pure: live and backtest decide by these functions.

An episode is one idle stretch of a non-empty active cart, named by the cart and its version when goods last changed.
Any change of goods or quantities voids what was planned for it and starts the next; an order or an emptied cart leaves
none, and whatever its customer orders elsewhere ends it until goods change, but for campaigns that say otherwise by
`exit_on`. Any other change (a note, the owner) leaves
it running, and the steps still ahead know of it. A change at the very instant of a due time counts: a step is due only
when everything up to and including that instant has been read. Which steps there are is for the campaigns' kinds to say
(`kinds/`).
"""

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import EXPIRED, Decision, admit, decision, episode_reminder_id
from services.trigger.domain.facts import NO_FACTS, Facts
from services.trigger.domain.kinds.campaign import Planned, QuietCartCampaign
from services.trigger.domain.participation import Entry, Participants
from services.trigger.domain.reach import UNREACHABLE

_due_at = attrgetter("due_at")

_MOST_ALIKE = 1_000

IDLE = "idle"
ANONYMOUS = "anonymous"


class Awoken(NamedTuple):
    """What looking at a cart gave: the decisions in order of due time, until when it is decided, when to look again."""

    decisions: tuple[Decision, ...]
    before: CartState
    decided_until: datetime
    next_at: datetime | None

    @property
    def state(self) -> CartState:
        """The cart after them."""
        return self.before._replace(decided_until=self.decided_until)


class Ahead(NamedTuple):
    """A step as all episodes have it that are planned alike: when it is due and too late, counted from the quiet."""

    planned: Planned
    due: timedelta
    lateness: timedelta

    def at(self, quiet_since: datetime) -> Planned:
        """The step of an episode."""
        due_at, planned = quiet_since + self.due, self.planned
        return tuple.__new__(  # by its name a named tuple costs twice as much
            Planned, (*planned[:3], due_at, due_at + self.lateness, *planned[5:])
        )


def plan(state: CartState, campaigns: StoreCampaigns) -> list[Planned]:
    """The steps of the cart's episode, campaign by campaign; none of campaigns that were switched on during it."""
    found = list[Planned]()
    if not state.idle:
        return found
    takers = taken_by(state, campaigns) if campaigns.going_before else ()
    for campaign, on_since in campaigns.on_carts:
        since = campaign.since(state)
        if since is None or on_since > since:
            continue
        steps: Iterable[Planned] = campaign.plan_episode(state)
        if state.silent:
            steps = [p for p in steps if not state.ended_by_order(p.exit_on)]
        if state.customer_id is None:
            steps = [p._replace(skip=ANONYMOUS) for p in steps]
        found += [behind(p, takers) for p in steps] if takers else steps
    return found


def taken_by(state: CartState, campaigns: StoreCampaigns) -> tuple[QuietCartCampaign, ...]:
    """The campaigns to which others leave a cart, as far as the cart itself tells."""
    return tuple(
        campaign
        for campaign, on_since in campaigns.going_before
        if (since := campaign.since(state)) is not None and on_since <= since and campaign.takes(state)
    )


def behind(planned: Planned, takers: Iterable[QuietCartCampaign]) -> Planned:
    """A step, with those of the campaigns that go before its own."""
    return planned._replace(behind=tuple(one for one in takers if planned.campaign.kind in one.goes_before))


def left_to(planned: Planned, state: CartState, facts: Facts) -> str | None:
    """Why a step leaves its cart to another campaign, or None; by facts, for the other may go by some."""
    about, since = facts.of_cart(state), state.quiet_since
    takers = (one for one in planned.behind if one.why_not_entered(about, facts, since) is None)
    return next((one.goes_before[planned.campaign.kind] for one in takers), None)


def plans_by(state: CartState, campaigns: StoreCampaigns) -> Hashable | None:
    """What the steps of a cart hang on beside when it went quiet; None where that is more than can be said."""
    if state.silent:
        return None
    found: list[Hashable] = [state.customer_id is None]
    for campaign, on_since in campaigns.on_carts:
        by = campaign.plans_by(state) if isinstance(campaign, QuietCartCampaign) else None
        if by is None:
            return None
        found += (by, on_since <= state.quiet_since)
    return tuple(found)


def steps_of(state: CartState, campaigns: StoreCampaigns) -> tuple[Ahead, ...]:
    """The steps of the cart's episode in order of due time, worked out once for all carts that have them alike."""
    if not state.idle:
        return ()
    key = plans_by(state, campaigns)
    found = campaigns.alike.get(key) if key is not None else None
    if found is None:
        quiet_since = state.quiet_since
        steps = sorted(plan(state, campaigns), key=_due_at)
        found = tuple([Ahead(p, p.due_at - quiet_since, p.expires_at - p.due_at) for p in steps])
        if key is not None:
            if len(campaigns.alike) >= _MOST_ALIKE:
                campaigns.alike.clear()
            campaigns.alike[key] = found
    return found


def next_at(state: CartState, campaigns: StoreCampaigns) -> datetime | None:
    """When the next message of the episode is due, or None: a cart that nobody will be told of needs no timer."""
    return _next_at(state.quiet_since, steps_of(state, campaigns), state.decided_until)


def wake(
    state: CartState,
    campaigns: StoreCampaigns,
    read_until: datetime,
    now: datetime,
    participants: Participants,
    facts: Facts = NO_FACTS,
) -> Awoken:
    """Decides what has become due: strictly before `read_until`, up to which every change of the cart is known.

    `now` judges lateness: a step whose lateness budget has passed is skipped as `expired`.
    """
    steps = steps_of(state, campaigns)
    decided_until = max(state.decided_until, read_until)
    decided = decide_all(state, _due(state, steps, read_until), now, participants, facts)
    return tuple.__new__(Awoken, (decided, state, decided_until, _next_at(state.quiet_since, steps, decided_until)))


def due(state: CartState, campaigns: StoreCampaigns, read_until: datetime) -> tuple[Planned, ...]:
    """The steps that `wake` decides on, in order of due time."""
    if read_until - state.quiet_since <= campaigns.shortest_delay:
        return ()
    return _due(state, steps_of(state, campaigns), read_until)


def decide_all(
    state: CartState, due: Iterable[Planned], now: datetime, participants: Participants, facts: Facts = NO_FACTS
) -> tuple[Decision, ...]:
    """The decisions on steps that are due."""
    return tuple(
        [decide(state, p, p.skip or (EXPIRED if now > p.expires_at else None), participants, facts) for p in due]
    )


def _next_at(quiet_since: datetime, steps: Iterable[Ahead], decided_until: datetime) -> datetime | None:
    for one in steps:
        if one.planned.skip is None and (due_at := quiet_since + one.due) >= decided_until:
            return due_at
    return None


def _due(state: CartState, steps: Iterable[Ahead], read_until: datetime) -> tuple[Planned, ...]:
    quiet_since, since = state.quiet_since, state.decided_until
    found = list[Planned]()
    for one in steps:
        due_at = quiet_since + one.due
        if due_at >= read_until:
            break
        if due_at >= since:
            found.append(one.at(quiet_since))
    return tuple(found)


def entry_of(state: CartState) -> Entry:
    """With which its customer enters the campaigns that are decided on."""
    return Entry(f"{state.cart_id}|{state.goods_version}", state.quiet_since)


def judge(
    state: CartState,
    planned: Planned,
    due_at: datetime,
    skip: str | None,
    participants: Participants,
    facts: Facts = NO_FACTS,
) -> tuple[str | None, str | None]:
    """Why a planned step is not sent when it is due, or None; `skip` is why in any case. And its customer's arm."""
    campaign, arm = planned.campaign, None
    if planned.behind:
        skip = skip or left_to(planned, state, facts)
    if skip is None and state.reach is not None and not state.reach.by_any(planned.step.by_preference):
        skip = UNREACHABLE
    if facts is not NO_FACTS:
        skip = skip or campaign.why_not(facts.of_cart(state), facts, state.quiet_since, due_at)
        facts.note(state, due_at, skip or IDLE)
    if skip is None:
        skip, arm = admit(planned, state.store_id, state.customer_id, lambda: entry_of(state), participants)
    return skip, arm


def decide(
    state: CartState, planned: Planned, skip: str | None, participants: Participants, facts: Facts = NO_FACTS
) -> Decision:
    """The decision on a planned step: skipped for that reason, or sent where there is none."""
    campaign = planned.campaign
    skip, arm = judge(state, planned, planned.due_at, skip, participants, facts)
    return decision(
        planned,
        reminder_id=reminder_id_of(state, planned),
        store_id=state.store_id,
        customer_id=state.customer_id,
        cart_id=state.cart_id,
        cart_version=state.goods_version,
        skip=skip,
        because=IDLE,
        arm=arm,
        quiet_since=state.quiet_since,
        exit_on=None if state.heeds_orders else planned.exit_on,
        total=state.total,
        currency=state.currency,
        times_abandoned=facts.times_abandoned(facts.of_cart(state), planned.due_at) if campaign.tells_times else None,
    )


def reminder_id_of(state: CartState, planned: Planned) -> UUID:
    """The id of a step's reminder of the cart's episode."""
    campaign = planned.campaign
    return episode_reminder_id(
        campaign.kind, state.store_id, campaign.name, state.cart_id, state.goods_version, planned.name
    )
