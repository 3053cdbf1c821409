"""What the console shows and its API answers: counted, with the interval where there is chance. Pure.

Amounts are integers of minor units of their currency; `in_store` is the same in the store's currency, None where the
store tells no rate for some of it. Days are the store's own, `until` is the last day. `as_of` is when it was counted.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency (ISO 4217)."""

    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Revenue:
    """What orders came to, by currency, and all of it in the store's currency where the store tells the rates."""

    amounts: tuple[Money, ...] = ()
    in_store: Money | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Between these the truth lies in 95 of 100 cases."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reason:
    """How often something was not sent for a reason: a stable word of `libs/contracts/reasons.py`."""

    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a campaign: about how many it was decided, and what became of the messages.

    `skipped` is why none was asked for, `not_sent` why one that was asked for did not go out. `waiting` were asked for,
    and nothing is known of them yet. `suspected` are clicks that may be machines'; they are not among `clicked`.
    `ordered` are orders that a click led to; a message that is opened may have been fetched by a program.
    """

    step: int
    name: str | None
    channel: str
    arm: str | None
    decided: int
    held_out: int
    asked: int
    waiting: int
    sent: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    suspected: int
    ordered: int
    revenue: Revenue
    skipped: tuple[Reason, ...]
    not_sent: tuple[Reason, ...]

    @property
    def per_person(self) -> float | None:
        """Revenue for each message that was sent, in minor units of the store's currency."""
        known = self.revenue.in_store
        return known.amount / self.sent if known is not None and self.sent else None


@dataclass(frozen=True, slots=True)
class CampaignFunnel:
    """A campaign as it went: how many went quiet, who was held out and ordered all the same, and each step."""

    campaign: str
    kind: str
    versions: tuple[str, ...]
    went_quiet: int
    held_out: int
    held_out_people: int
    held_out_ordered: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The campaigns of a store over some days."""

    store_id: str
    since: date
    until: date
    as_of: datetime
    campaigns: tuple[CampaignFunnel, ...]


@dataclass(frozen=True, slots=True)
class RevenueRow:
    """Orders of a day and of what they are credited to; `key` is of the dimension that was asked for, None for nothing.

    `orders` stand; `gone` were cancelled, never paid, or came back as a whole. `gross` is what all of them came to when
    they were placed, `net` what is left of it.
    """

    day: date | None
    key: str | None
    currency: str
    orders: int
    gone: int
    gross: int
    net: int
    in_store: int | None


@dataclass(frozen=True, slots=True)
class CountRow:
    """Messages of a day and a campaign or channel, and what they led to."""

    day: date | None
    key: str
    decided: int
    held_out: int
    asked: int
    sent: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    suspected: int
    ordered: int
    revenue: Revenue


@dataclass(frozen=True, slots=True)
class Arm:
    """People who entered a campaign with an arm, and what they bought within the store's window after it.

    `rate` is of those who ordered (Wilson's interval), `spent` what each of all spent in minor units of the store's
    currency (bootstrap).
    """

    arm: str
    people: int
    ordered: int
    rate: float | None
    rate_within: Interval | None
    spent: float | None
    spent_within: Interval | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What an arm has over the one that it is compared with: in the rate (Newcombe), in what each spent (bootstrap)."""

    arm: str
    against: str
    rate: float
    rate_within: Interval
    spent: float
    spent_within: Interval

    @property
    def is_sure(self) -> bool:
        """Whether chance alone would seldom make such a difference of rates."""
        return self.rate_within.low > 0 or self.rate_within.high < 0


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether people are divided among the arms as was planned: below a p-value of 0.001 something is wrong."""

    p_value: float
    planned: tuple[tuple[str, float], ...]

    @property
    def is_broken(self) -> bool:
        """Whether nothing of the experiment can be believed until it is known why."""
        return self.p_value < 0.001


@dataclass(frozen=True, slots=True)
class Experiment:
    """A campaign whose people are divided among arms. `days_left`: not enough yet, and about so many days more; 0 is
    enough, None that nobody can say.
    """

    campaign: str
    currency: str | None
    arms: tuple[Arm, ...]
    differences: tuple[Difference, ...]
    sample_ratio: SampleRatio | None
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days: orders that a click led to, what was sent, and what the people held out would have bought anyway."""

    since: date
    until: date
    sent: int
    orders: int
    revenue: Revenue
    reminded: Arm | None
    held_out: Arm | None
    more: Difference | None


@dataclass(frozen=True, slots=True)
class Today:
    """The first page: `going_quiet` carts have goods that nobody touched for a while, and are not decided on yet."""

    as_of: datetime
    day: date
    going_quiet: int
    waiting: int
    sent: int
    orders: int
    revenue: Revenue
    this_week: Week
    last_week: Week
