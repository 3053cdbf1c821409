"""What reminders brought: who was told, by which arm, and what was ordered after it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from libs.contracts.events import MessageEvent, MessageSent, ReminderRequested

ALL = "all"
"""The arm of campaigns without arms."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A cart that was ordered, with what it cost before (minor units)."""

    cart_id: str
    at: datetime
    total: int
    currency: str | None


@dataclass(frozen=True, slots=True)
class Arm:
    """What an arm of a campaign came to: `orders` are carts that were ordered after a message about them."""

    campaign: str
    arm: str
    people: int
    messages: int
    orders: int
    recovered: Mapping[str, int]
    """Of those orders, by currency in minor units."""


@dataclass(frozen=True, slots=True)
class Effect:
    """All arms, and everybody together. `held_back` are messages that a cap or quiet hours stopped, by reason."""

    people: int = 0
    messages: int = 0
    orders: int = 0
    recovered: Mapping[str, int] = field(default_factory=dict)
    held_back: Mapping[str, int] = field(default_factory=dict)
    arms: tuple[Arm, ...] = ()


HOLDING_BACK = ("frequency_cap", "quiet_hours")


def effect_of(
    requests: Iterable[ReminderRequested],
    outcomes: Mapping[str, MessageEvent],
    sales: Iterable[Sale],
    campaign_suffix: str = "",
) -> Effect:
    """What came of requests. A sale counts once for all, and once for each arm that had written about its cart."""
    found = list(requests)
    sent = [(one, outcomes[str(one.reminder_id)]) for one in found if _was_sent(one, outcomes)]
    sold = {sale.cart_id: sale for sale in sales}
    by_arm: dict[tuple[str, str], list[tuple[ReminderRequested, MessageEvent]]] = {}
    for pair in sent:
        place = (pair[0].campaign.removesuffix(campaign_suffix), pair[0].variant or ALL)
        by_arm.setdefault(place, []).append(pair)
    held = Counter(end.reason for end in outcomes.values() if end.reason in HOLDING_BACK and not _sent(end))
    after = _sold_after(sent, sold)
    return Effect(
        people=len({one.customer_id for one, _ in sent}),
        messages=len(sent),
        orders=len(after),
        recovered=_sums(after),
        held_back={str(reason): number for reason, number in held.most_common()},
        arms=tuple(_arm(*place, pairs, sold) for place, pairs in sorted(by_arm.items())),
    )


def _arm(
    campaign: str, name: str, pairs: list[tuple[ReminderRequested, MessageEvent]], sold: Mapping[str, Sale]
) -> Arm:
    after = _sold_after(pairs, sold)
    return Arm(campaign, name, len({one.customer_id for one, _ in pairs}), len(pairs), len(after), _sums(after))


def _sold_after(pairs: Iterable[tuple[ReminderRequested, MessageEvent]], sold: Mapping[str, Sale]) -> list[Sale]:
    """Sales of carts about which something was sent before."""
    found = {}
    for one, end in pairs:
        sale = sold.get(str(one.cart_id))
        if sale is not None and end.occurred_at <= sale.at:
            found[sale.cart_id] = sale
    return list(found.values())


def _sums(sales: Iterable[Sale]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for sale in sales:
        if sale.currency is not None:
            sums[sale.currency] += sale.total
    return dict(sorted(sums.items()))


def _was_sent(one: ReminderRequested, outcomes: Mapping[str, MessageEvent]) -> bool:
    end = outcomes.get(str(one.reminder_id))
    return end is not None and _sent(end)


def _sent(end: MessageEvent) -> bool:
    return isinstance(end, MessageSent)
