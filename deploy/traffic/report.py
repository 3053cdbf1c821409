"""What came of a replay. Pure: numbers in, a JSON object or lines for a person out."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from deploy.traffic.agreement import Agreement, Wanted
from deploy.traffic.effect import Effect
from deploy.traffic.measure import Spread
from libs.contracts.events import MessageEvent, ReminderRequested


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of one step's reminders: `ends` counts `sent`, `cancelled: ordered`, … and `open`."""

    campaign: str
    step: int
    channel: str
    requested: int
    ends: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """A replay's outcome. `skipped_s` is recorded time in which nothing could be due.

    `calls` holds the API's times by kind of row, `late` how late calls were made. `late_events` is how many changes
    came to the trigger later than it waits for them: after a slow call or a slow relay on a busy machine.
    """

    trace: str
    run: str
    speed: int
    users: int
    recorded_s: float
    skipped_s: float
    took_s: float
    rows: dict[str, int]
    cart_events: dict[str, int]
    carts: int
    episodes: int
    steps: tuple[StepOutcome, ...]
    calls: dict[str, Spread]
    late: Spread
    settle_s: float
    later_than_settle: int
    late_events: int
    errors: int
    problems: tuple[str, ...]
    agreement: Agreement
    effect: Effect = field(default_factory=Effect)
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Steps that nothing was asked for, by the trigger's reason."""

    @property
    def exact(self) -> bool:
        """Whether every change came in time: or else the replay itself was late, and differences prove nothing."""
        return self.late_events == 0

    @property
    def good(self) -> bool:
        """Whether nothing failed, everything ended, and live and backtest agree."""
        unfinished = sum(step.ends.get("open", 0) for step in self.steps)
        return self.errors == 0 and unfinished == 0 and self.agreement.holds

    def as_json(self) -> dict[str, object]:
        """A JSON object; times in milliseconds or seconds as their names say."""
        found = asdict(self)
        found["agreement"] = {
            "holds": self.agreement.holds,
            "both": self.agreement.both,
            "only_live": [_line(wanted) for wanted in self.agreement.only_live],
            "only_backtest": [_line(wanted) for wanted in self.agreement.only_backtest],
        }
        found["exact"], found["good"] = self.exact, self.good
        return found


def by_step(
    requests: Iterable[ReminderRequested], outcomes: Mapping[str, MessageEvent], campaign_suffix: str
) -> tuple[StepOutcome, ...]:
    """The reminders of each step and how they ended, in order of campaign and step."""
    ends: dict[tuple[str, int, str], Counter[str]] = {}
    for request in requests:
        place = (request.campaign.removesuffix(campaign_suffix), request.step, request.channel)
        outcome = outcomes.get(str(request.reminder_id))
        ends.setdefault(place, Counter())[_end(outcome)] += 1
    return tuple(StepOutcome(*place, found.total(), dict(found.most_common())) for place, found in sorted(ends.items()))


def _end(outcome: MessageEvent | None) -> str:
    if outcome is None:
        return "open"
    kind = outcome.type.removeprefix("message.")
    return f"{kind}: {outcome.reason}" if outcome.reason and kind != "sent" else kind


def in_words(wanted: Wanted) -> str:
    """One reminder."""
    due = f"{wanted.due_at:%Y-%m-%d %H:%M:%S}"
    return f"{wanted.customer_id}: {wanted.campaign} step {wanted.step} by {wanted.channel}, due {due}"


def _line(wanted: Wanted) -> dict[str, object]:
    return asdict(wanted) | {"due_at": wanted.due_at.isoformat()}
