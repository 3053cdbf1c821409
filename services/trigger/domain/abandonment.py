"""What each event means for an abandoned cart, and what is due. Pure: live and backtest decide by the same functions.

An episode is one idle stretch of a non-empty active cart, named by the cart and its version. Any change voids what was
planned for it and starts the next; an order or an emptied cart leaves none. A change at the very instant of a due time
counts: a step is due only when everything up to and including that instant has been read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.contracts.events import CartEvent, CartOrdered
from services.trigger.domain.campaigns import AbandonedCart, Step, StoreCampaigns
from services.trigger.domain.decision import Decision, abandoned_cart_id, chosen_variant

IDLE = "idle"
EXPIRED = "expired"
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class CartState:
    """A cart as the newest event tells it: all that a decision needs.

    `quiet_since` is when that event occurred. What was due before `decided_until` has been decided. `total` is in minor
    units of `currency`.
    """

    cart_id: UUID
    store_id: str
    customer_id: str | None
    version: int
    quiet_since: datetime
    units: int
    total: int
    currency: str | None
    closed: bool
    decided_until: datetime

    @property
    def idle(self) -> bool:
        """Whether there is anything to remind of."""
        return not self.closed and self.units > 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of an episode, when it is due and when too late.

    `skip` is why it will be skipped even if nothing changes until then, None where it won't.
    """

    campaign: AbandonedCart
    number: int
    step: Step
    due_at: datetime
    expires_at: datetime
    skip: str | None


@dataclass(frozen=True, slots=True)
class Awoken:
    """What looking at a cart gave: the decisions in order of due time, the cart after them, when to look again."""

    decisions: tuple[Decision, ...]
    state: CartState
    next_at: datetime | None


def apply(state: CartState | None, event: CartEvent) -> CartState:
    """The cart after an event; the very same object when the event is older than what is known, or the cart closed."""
    if state is not None and (state.closed or event.cart_version <= state.version):
        return state
    return CartState(
        cart_id=event.cart_id,
        store_id=event.store_id,
        customer_id=event.customer_id or None,
        version=event.cart_version,
        quiet_since=event.occurred_at,
        units=sum(event.holds.values()),
        total=event.total,
        currency=event.currency,
        closed=event.closes,
        decided_until=event.occurred_at,
    )


def plan(state: CartState, campaigns: StoreCampaigns) -> Iterator[Planned]:
    """The steps of the cart's episode, campaign by campaign; none of campaigns that were switched on during it."""
    if not state.idle:
        return
    for campaign, since in campaigns.abandoned:
        if since > state.quiet_since:
            continue
        skip = ANONYMOUS if state.customer_id is None else campaign.conditions.unmet(state.total, state.currency)
        for number, step in enumerate(campaign.steps, start=1):
            due_at = state.quiet_since + step.delay
            yield Planned(campaign, number, step, due_at, due_at + campaign.lateness(number), skip)


def next_at(state: CartState, campaigns: StoreCampaigns) -> datetime | None:
    """When the next message of the episode is due, or None: a cart that nobody will be told of needs no timer."""
    return min(
        (p.due_at for p in plan(state, campaigns) if p.skip is None and p.due_at >= state.decided_until), default=None
    )


def wake(state: CartState, campaigns: StoreCampaigns, read_until: datetime, now: datetime) -> Awoken:
    """Decides what has become due: strictly before `read_until`, up to which every change of the cart is known.

    `now` judges lateness: a step whose lateness budget has passed is skipped as `expired`.
    """
    decisions = decide_due(state, campaigns, read_until, now)
    after = replace(state, decided_until=max(state.decided_until, read_until))
    return Awoken(decisions, after, next_at(after, campaigns))


def decide_due(
    state: CartState, campaigns: StoreCampaigns, read_until: datetime, now: datetime
) -> tuple[Decision, ...]:
    """The decisions that `wake` takes, in order of due time."""
    if read_until - state.quiet_since <= campaigns.shortest_delay:
        return ()
    due = [p for p in plan(state, campaigns) if state.decided_until <= p.due_at < read_until]
    due.sort(key=lambda p: p.due_at)
    return tuple(_decide(state, p, now) for p in due)


def _decide(state: CartState, planned: Planned, now: datetime) -> Decision:
    if planned.skip is not None:
        return decision(state, planned, planned.skip)
    return decision(state, planned, EXPIRED if now > planned.expires_at else None)


def decision(state: CartState, planned: Planned, skipped: str | None) -> Decision:
    """The decision on a planned step: skipped for that reason, or sent when there is none."""
    name, step = planned.campaign.name, planned.step
    place = f"{state.store_id}|{name}|{planned.number}"
    variant = None if state.customer_id is None else chosen_variant(step, place, state.customer_id)
    return Decision(
        reminder_id=abandoned_cart_id(state.store_id, name, state.cart_id, state.version, planned.number),
        store_id=state.store_id,
        customer_id=state.customer_id,
        campaign=name,
        kind="abandoned_cart",
        step=planned.number,
        channel=step.channel,
        template=(variant and variant.template) or step.template,
        cart_id=state.cart_id,
        cart_version=state.version,
        due_at=planned.due_at,
        expires_at=planned.expires_at,
        variant=variant.name if variant else None,
        coupon=(variant and variant.coupon) or step.coupon,
        outcome="would_send" if skipped is None else "skipped",
        reason=IDLE if skipped is None else skipped,
    )


def why_voided(event: CartEvent) -> str:
    """What an event does to the episode before it, as a reason."""
    if event.closes:
        return "ordered" if isinstance(event, CartOrdered) else "cart_gone"
    return "cart_changed" if event.holds else "emptied"
