"""What is ahead of a cart, or of what else happened, and why what is not: the live plan, and nothing decided. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from libs.contracts.reasons import in_words
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import admit
from services.trigger.domain.episodes import ANONYMOUS, behind, entry_of, left_to, reminder_id_of, taken_by
from services.trigger.domain.facts import NO_FACTS
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.occasions import Occasion
from services.trigger.domain.occasions import entry_of as entry_of_occasion
from services.trigger.domain.occasions import plan as plan_occasion
from services.trigger.domain.occasions import reminder_id_of as reminder_id_of_occasion
from services.trigger.domain.participation import NOTHING_KNOWN, Entry, Key, Participants, Participation
from services.trigger.domain.subjects import (
    CANCELLED,
    DELIVERED,
    LAST_ORDER,
    PARTLY_CANCELLED,
    PLACED,
    RETURNED,
    SAVED,
    SHIPPED,
    VIEWED,
)

PLANNED = "planned"
"""The reason of a step that goes out when its time comes, if nothing changes."""
WAITING = "waiting_for_facts"
"""The reason of a step that is due, but not all that happened up to then has been read."""
SWITCHED_ON_LATER = "switched_on_later"
"""The reason of steps of a campaign that was not on yet when the cart went quiet."""
ORDERED_ELSEWHERE = "ordered_elsewhere"
"""The reason of steps of a campaign that the customer's order with another cart has ended."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that has not been decided on: `planned`, or `left_out` for a reason that is known by now. Under
    `reminder_id` it will be.
    """

    reminder_id: UUID
    campaign: str
    step: int
    step_name: str
    channel: str
    due_at: datetime
    expires_at: datetime
    state: Literal["planned", "left_out"]
    reason: str


def ahead(
    cart: CartState, campaigns: StoreCampaigns, now: datetime, known: Mapping[Key, Participation] = NOTHING_KNOWN
) -> tuple[Ahead, ...]:
    """The steps of a cart as it is that have not been decided on, in order of due time; none where nothing is left to
    remind of. `known` is what was decided on its customer before: the arm of whoever has none is drawn.
    """
    if not cart.idle:
        return ()
    takers, participants = taken_by(cart, campaigns), Participants(known)
    found = (
        _step(
            reminder_id_of(cart, planned),
            planned,
            _why_not(cart, behind(planned, takers), participants, on_later=since > (campaign.since(cart) or since)),
            now,
        )
        for campaign, since in campaigns.on_carts
        for planned in campaign.plan_episode(cart)
        if planned.due_at >= cart.decided_until
    )
    return tuple(sorted(found, key=lambda one: one.due_at))


def ahead_of(
    occasion: Occasion, campaigns: StoreCampaigns, now: datetime, known: Mapping[Key, Participation] = NOTHING_KNOWN
) -> tuple[Ahead, ...]:
    """The same of something that happened; what only the due time tells (a cart, a segment) is not asked."""
    whose, participants = (occasion.store_id, occasion.customer_id), Participants(known)
    found = (
        _step(
            reminder_id_of_occasion(occasion, planned),
            planned,
            planned.skip or _not_for(planned, *whose, entry_of_occasion(occasion), participants),
            now,
        )
        for planned in plan_occasion(occasion, campaigns)
        if planned.due_at >= occasion.decided_until
    )
    return tuple(sorted(found, key=lambda one: one.due_at))


def without(steps: Iterable[Ahead], decided: Mapping[UUID, str]) -> tuple[Ahead, ...]:
    """Steps of which some were decided on before they are due, for these reasons: those are left out."""
    return tuple(
        replace(one, state="left_out", reason=decided[one.reminder_id]) if one.reminder_id in decided else one
        for one in steps
    )


def _why_not(cart: CartState, planned: Planned, participants: Participants, *, on_later: bool) -> str | None:
    if cart.customer_id is None:
        return ANONYMOUS
    if on_later:
        return SWITCHED_ON_LATER
    if cart.ended_by_order(planned.exit_on):
        return ORDERED_ELSEWHERE
    why = planned.skip or left_to(planned, cart, NO_FACTS)
    return why or _not_for(planned, cart.store_id, cart.customer_id, entry_of(cart), participants)


def _not_for(planned: Planned, store_id: str, customer_id: str, entry: Entry, participants: Participants) -> str | None:
    """Why this customer gets no such step: their arm, the holdout, or that they entered too lately."""
    return admit(planned, store_id, customer_id, lambda: entry, participants)[0]


def _step(reminder_id: UUID, planned: Planned, why_not: str | None, now: datetime) -> Ahead:
    return Ahead(
        reminder_id=reminder_id,
        campaign=planned.campaign.name,
        step=planned.number,
        step_name=planned.name,
        channel=planned.step.channel,
        due_at=planned.due_at,
        expires_at=planned.expires_at,
        state="planned" if why_not is None else "left_out",
        reason=why_not or (WAITING if planned.due_at <= now else PLANNED),
    )


def in_short(cart: CartState) -> str:
    """Why a cart is or is not waited for, in a sentence."""
    if cart.closed:
        return "It is closed: nothing more is sent about it."
    if not cart.units:
        return "It is empty: there is nothing to remind of."
    if cart.customer_id is None:
        return "It is a guest's: nobody can be told."
    if cart.silent:
        return "Its customer has ordered since: until its goods change only campaigns go on that no order ends."
    if cart.goods_version > 1:
        return "It waits since its goods last changed; what was planned before that is void."
    return "It waits since its goods last changed."


HAPPENED = {
    PLACED: "They have ordered.",
    SHIPPED: "What they ordered was sent.",
    DELIVERED: "What they ordered has arrived.",
    CANCELLED: "Nothing comes of their order.",
    PARTLY_CANCELLED: "Some of what they ordered was cancelled.",
    RETURNED: "What they sent back has come.",
    LAST_ORDER: "They ordered last then, and not since.",
    SAVED: "They have set something aside in a cart.",
    VIEWED: "They looked at something then, and not since.",
}


def of_occasion(occasion: Occasion) -> str:
    """What happened, and why nothing more is told of it where that is so, in a sentence each."""
    happened = HAPPENED.get(occasion.subject, f"It happened: {occasion.subject}.")
    return happened if occasion.ended is None else f"{happened} Nothing more is told of it: {in_words(occasion.ended)}."


ENDED = {
    "asked": "They said that they wait no more.",
    "told": "They were told.",
    "ordered": "They have ordered it since.",
    "expired": "They had waited for half a year.",
    "nothing_saved": "They took it out of what they had set aside.",
    "cart_gone": "The cart in which it was set aside is closed.",
    "watched_already": "The customer whose it became waits for it already.",
}


def of_watch(ended: str | None, *, told: bool) -> tuple[Literal["waiting", "told", "over"], str]:
    """What became of a watch, and that in a sentence; `ended` is the reason for which it is over."""
    if ended is not None:
        return "over", ENDED.get(ended, f"It is over: {ended}.")
    if told:
        return "told", "They are told by the reminder that is named."
    return "waiting", "They are told once it is back, when it is their turn."
