"""What is told of a draft of campaigns that was tried on what has happened."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.trigger.web.campaign_schemas import like

State = Literal["waiting", "running", "done", "failed", "cancelled"]
_AT = "2026-11-22T10:15:00Z"
_SIDE: dict[str, Any] = {
    "people": 12,
    "messages": 14,
    "steps": [
        {"campaign": "cart", "step": "nudge", "channel": "email", "messages": 14, "skipped": {"ordered": 3}},
    ],
    "days": [{"day": "2026-11-21", "channel": "email", "messages": 14}],
    "held_back": {"frequency_cap": 2},
    "put_off": {"quiet_hours": 3},
}
_RESULT: dict[str, Any] = {
    "events": 4100,
    "unreadable": 0,
    "begins_at": "2026-11-15T10:15:00Z",
    "known_from": "2026-11-15T10:17:00Z",
    "short": False,
    "live": _SIDE,
    "draft": _SIDE,
    "rules": {"cap_hours": {"email": 16, "sms": 24}, "quiet_hours": "21:00-09:00", "laws": True},
    "differ": {"messages": 2, "people": 2, "added": 1, "dropped": 0, "moved": 1, "open": 0},
}
BACKTEST: dict[str, Any] = {
    "backtest_id": "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
    "days": 7,
    "asked_by": "console",
    "asked_at": _AT,
    "state": "done",
    "reason": None,
    "events": 4100,
    "reached": _AT,
    "ended_at": _AT,
}


class TriedStep(BaseModel):
    """A step: how many messages it would have sent, and how many not, by reason."""

    campaign: str
    step: str
    channel: str
    messages: int
    skipped: dict[str, int]


class TriedDay(BaseModel):
    """Messages of a day (UTC) by a channel."""

    day: str
    channel: str
    messages: int


class TriedSide(BaseModel):
    """What one version would have told. `held_back` are those not sent by the store's rules or because nobody was
    reached, by reason: they stand among the steps' `skipped`, too. `put_off` went out later than they were due.
    """

    people: int
    messages: int
    steps: list[TriedStep]
    days: list[TriedDay]
    held_back: dict[str, int] = Field(default={})
    put_off: dict[str, int] = Field(default={})


class TriedRules(BaseModel):
    """The store's rules by which both were tried: hours between two messages to one customer by channel (0 is no cap),
    when nobody is disturbed, and whether laws on texts were kept.
    """

    cap_hours: dict[str, float]
    quiet_hours: str | None
    laws: bool


class Differ(BaseModel):
    """Messages that differ: that the draft has and the version in force has not, the other way round, and those of
    another moment or channel; `open` are those that one of both would send later than it was asked. And for how many
    people.
    """

    messages: int
    people: int
    added: int
    dropped: int
    moved: int
    open: int


class BacktestResult(BaseModel):
    """Both versions side by side. `known_from` is when the first change of a cart happened of all that was read;
    `short`: that is later than was asked for. `rules` are null where nothing is known of the store's.
    """

    events: int
    unreadable: int
    begins_at: AwareDatetime
    known_from: AwareDatetime | None
    short: bool
    live: TriedSide
    draft: TriedSide
    rules: TriedRules | None = None
    differ: Differ


class Backtest(BaseModel):
    """One as it stands: `events` were read so far, the newest of them happened at `reached`. A `reason` says why it
    failed: `too_long`, `too_much`, `unanswered`, `interrupted`, `faulty_draft`.
    """

    model_config = like(BACKTEST)

    backtest_id: UUID
    days: int
    asked_by: str
    asked_at: AwareDatetime
    state: State
    reason: str | None
    events: int
    reached: AwareDatetime | None
    ended_at: AwareDatetime | None


class BacktestDetails(Backtest):
    """One with the draft that it tries, and what it came to, once it is done."""

    model_config = like({**BACKTEST, "said": {"campaigns": []}, "result": _RESULT})

    said: dict[str, Any]
    result: BacktestResult | None


class BacktestList(BaseModel):
    """The newest of a store, the newest first."""

    model_config = like({"backtests": [BACKTEST]})

    backtests: list[Backtest]
