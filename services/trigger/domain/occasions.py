"""Occasions: what else than a quiet cart a campaign may follow, as the newest event of it tells it. Pure.

An occasion is something that happened to a thing (`order.shipped` to order 1001, `customer.ordered` to a customer).
When it happens again it begins anew; something else may end it. Its steps are planned, wait for the facts of their
partition, and are decided, as those of a cart that went quiet.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from libs.runtime.ids import uuid5
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.decision import EXPIRED, NAMESPACE, Decision, admit, decision
from services.trigger.domain.facts import NO_FACTS, About, Facts
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Entry, Participants
from services.trigger.domain.reach import UNREACHABLE, Reach

HAS_CART = "has_cart"
"""The reason of a step that is left to campaigns on carts."""
Key = tuple[str, str, str]
"""Store, subject, subject's id."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occasion: `subject` is what happened, `subject_id` to what, `since` when (aware, UTC).

    What was due before `decided_until` has been decided. `ended` is why nothing more is told of it. `facts` are what
    campaigns decide by, as JSON has it. `zone` is where its customer is, as far as that is known; kept beside it, not
    with it.
    """

    store_id: str
    subject: str
    subject_id: str
    customer_id: str
    since: datetime
    partition: int
    decided_until: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    ended: str | None = None
    zone: str | None = None

    @property
    def key(self) -> Key:
        """Which occasion it is."""
        return (self.store_id, self.subject, self.subject_id)


@dataclass(frozen=True, slots=True)
class Begun:
    """It happened, at `since`. `again`: to have happened before ends what was planned, and it begins anew; else only
    what had ended does.
    """

    key: Key
    customer_id: str
    since: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    again: bool = True


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more is to be told of an occasion, because of `reason`, since `at`: what has begun after it goes on."""

    key: Key
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Viewed:
    """A customer looked at goods, the last of them last. What they looked at before, and of which nothing was decided
    on yet, is told of with it.
    """

    key: Key
    customer_id: str
    since: datetime
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was looked at before `at` is not told of any more: it was put into a cart, or ordered (`reason`)."""

    key: Key
    skus: Collection[str]
    at: datetime
    reason: str


Change = Begun | Ended | Viewed | Taken
MOST_VIEWED = 20
"""So many goods that were looked at are kept with an occasion, the newest."""


def apply(known: Occasion | None, change: Change, partition: int, zone: str | None = None) -> Occasion | None:
    """The occasion after a change; the very same object where that is no news, None where nothing is known of it. What
    begins has its customer in `zone`, as far as that is known.
    """
    if isinstance(change, Ended):
        if known is None or known.ended or change.at < known.since:  # read again, it is older than what is known
            return known
        return replace(known, ended=change.reason)
    if isinstance(change, Taken):
        return known if known is None or known.ended else _without(known, change)
    if isinstance(change, Viewed):
        change = Begun(change.key, change.customer_id, change.since, _joined(known, change))
    if known is not None and not _begins_anew(known, change):
        return known
    store_id, subject, subject_id = change.key
    return Occasion(
        store_id=store_id,
        subject=subject,
        subject_id=subject_id,
        customer_id=change.customer_id,
        since=change.since,
        partition=partition,
        decided_until=change.since,
        facts=change.facts,
        zone=zone,
    )


def _begins_anew(known: Occasion, change: Begun) -> bool:
    return change.since > known.since and (change.again or known.ended is not None)


def viewed_in(occasion: Occasion) -> tuple[str, ...]:
    """The goods that its customer looked at, the newest first; none of what is no looking."""
    return tuple(sku for sku, _ in occasion.facts.get("viewed", ()))


def _joined(known: Occasion | None, change: Viewed) -> Mapping[str, Any]:
    """What is looked at now before what was, unless that has been decided on or taken."""
    at, now = change.since.astimezone(UTC).isoformat(), tuple(reversed(change.skus))
    found = [[sku, at] for sku in now]
    if known is not None and known.ended is None and known.decided_until == known.since:
        found += [[sku, then] for sku, then in known.facts.get("viewed", ()) if sku not in now]
    return {"viewed": found[:MOST_VIEWED]}


def _without(known: Occasion, change: Taken) -> Occasion:
    viewed = known.facts.get("viewed", ())
    left = [[sku, at] for sku, at in viewed if sku not in change.skus or datetime.fromisoformat(at) > change.at]
    if len(left) == len(viewed):
        return known
    return replace(known, facts={**known.facts, "viewed": left}, ended=None if left else change.reason)


def plan(occasion: Occasion, campaigns: StoreCampaigns) -> Iterator[Planned]:
    """Its steps, campaign by campaign; none of campaigns that were switched on after it had happened."""
    if occasion.ended is not None:
        return
    for campaign, since in campaigns.on_occasions:
        if campaign.subject == occasion.subject and since <= occasion.since:
            yield from campaign.plan_occasion(occasion.since, occasion.facts, occasion.zone)


def due(occasion: Occasion, campaigns: StoreCampaigns, read_until: datetime) -> tuple[Planned, ...]:
    """The steps that are due strictly before `read_until` and were not decided on, in order of due time."""
    found = (p for p in plan(occasion, campaigns) if occasion.decided_until <= p.due_at < read_until)
    return tuple(sorted(found, key=lambda p: p.due_at))


def next_at(occasion: Occasion, campaigns: StoreCampaigns) -> datetime | None:
    """When the next message of it is due, or None."""
    ahead = (p.due_at for p in plan(occasion, campaigns) if p.skip is None and p.due_at >= occasion.decided_until)
    return min(ahead, default=None)


@dataclass(frozen=True, slots=True)
class Beside:
    """What else is known when steps are decided on: of the customer, and of an order (its total less what came to
    nothing, in minor units; the skus that it was of).
    """

    facts: Facts = field(default_factory=lambda: NO_FACTS)
    reach: Reach | None = None
    total: int | None = None
    currency: str | None = None
    skus: Collection[str] = ()
    has_cart: bool = False
    """Whether the customer has a cart with goods, where a campaign asks."""


def decide_all(
    occasion: Occasion, due: Iterable[Planned], now: datetime, participants: Participants, beside: Beside = Beside()
) -> tuple[Decision, ...]:
    """The decisions on steps that are due; `now` judges lateness."""
    return tuple(_decide(occasion, p, now, participants, beside) for p in due)


def _left_out(occasion: Occasion, planned: Planned, beside: Beside) -> str | None:
    """Why a step is not for the customer, or can't reach them; None where nothing is known that says so."""
    campaign, reach = planned.campaign, beside.reach
    if campaign.left_out_unreachable and reach is not None and not reach.by_any(planned.step.by_preference):
        return UNREACHABLE
    if campaign.leaves_to_carts and beside.has_cart:
        return HAS_CART
    about = About(occasion.store_id, occasion.customer_id, beside.skus)
    why = campaign.unmet(occasion.customer_id, beside.total, beside.currency)
    return why or campaign.why_not(about, beside.facts, occasion.since, planned.due_at)


def _decide(
    occasion: Occasion, planned: Planned, now: datetime, participants: Participants, beside: Beside
) -> Decision:
    campaign, arm = planned.campaign, None
    skip = planned.skip or (EXPIRED if now > planned.expires_at else None) or _left_out(occasion, planned, beside)
    if skip is None:
        skip, arm = admit(planned, occasion.store_id, occasion.customer_id, lambda: entry_of(occasion), participants)
    facts = occasion.facts
    return decision(
        planned,
        reminder_id=reminder_id_of(occasion, planned),
        store_id=occasion.store_id,
        customer_id=occasion.customer_id,
        cart_id=UUID(facts["cart_id"]) if "cart_id" in facts else None,
        cart_version=facts.get("cart_version"),
        skip=skip,
        because=campaign.kind,
        arm=arm,
        order_id=facts.get("order_id"),
        sku=facts.get("sku"),
        viewed=viewed_in(occasion),
        quiet_since=occasion.since,
    )


def reminder_id_of(occasion: Occasion, planned: Planned) -> UUID:
    """Under which a step is decided on: the same facts give the same id."""
    campaign = planned.campaign
    name = f"{campaign.kind}|{occasion.store_id}|{campaign.name}|{_episode(occasion)}|{planned.name}"
    return uuid5(NAMESPACE, name)


def entry_of(occasion: Occasion) -> Entry:
    """With which its customer enters the campaigns that are decided on."""
    return Entry(_episode(occasion), occasion.since)


def _episode(occasion: Occasion) -> str:
    return f"{'|'.join(occasion.key[1:])}|{occasion.since.astimezone(UTC).isoformat()}"
