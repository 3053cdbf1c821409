"""A stand-in of the trigger's backtests: one that goes on until it is told to end."""

from dataclasses import dataclass, field
from typing import Any

import httpx

NOW = "2026-12-01T10:15:00+00:00"
TRIED = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a99"
DONE: dict[str, Any] = {
    "events": 4100,
    "unreadable": 2,
    "begins_at": "2026-11-24T10:15:00Z",
    "known_from": "2026-11-26T08:00:00Z",
    "short": True,
    "live": {
        "people": 40,
        "messages": 44,
        "steps": [
            {"campaign": "cart", "step": "nudge", "channel": "email", "messages": 40, "skipped": {"ordered": 3}},
            {"campaign": "cart", "step": "offer", "channel": "sms", "messages": 4, "skipped": {}},
        ],
        "days": [
            {"day": "2026-11-27", "channel": "email", "messages": 12},
            {"day": "2026-11-30", "channel": "email", "messages": 32},
        ],
        "held_back": {"frequency_cap": 6, "unreachable": 2},
        "put_off": {"quiet_hours": 5},
    },
    "draft": {
        "people": 31,
        "messages": 31,
        "steps": [
            {"campaign": "cart", "step": "nudge", "channel": "email", "messages": 31, "skipped": {"no_consent": 9}}
        ],
        "days": [{"day": "2026-11-28", "channel": "email", "messages": 31}],
        "held_back": {"frequency_cap": 1, "no_consent": 9},
        "put_off": {},
    },
    "rules": {"cap_hours": {"email": 16, "sms": 24}, "quiet_hours": "21:00-09:00", "laws": True},
    "differ": {"messages": 17, "people": 12, "added": 3, "dropped": 12, "moved": 1, "open": 1},
}


@dataclass
class FakeBacktests:
    """One backtest, under way until its `state` is another."""

    state: str = "done"
    reason: str | None = None
    events: int = 4100
    said: dict[str, Any] = field(default_factory=lambda: {"campaigns": []})
    under_way: bool = False

    def answer(self, method: str, rest: str) -> httpx.Response | None:
        """An answer, if it is about backtests."""
        if not rest.startswith("/backtests"):
            return None
        about = {
            "backtest_id": TRIED,
            "days": 7,
            "asked_by": "console",
            "asked_at": NOW,
            "state": self.state,
            "reason": self.reason,
            "events": self.events,
            "reached": NOW if self.events else None,
            "ended_at": None,
        }
        if rest == "/backtests" and method == "GET":
            return httpx.Response(200, json={"backtests": [about]})
        if rest == "/backtests":
            if self.under_way:
                return httpx.Response(409, json={"detail": "One at a time.", "backtest_id": TRIED})
            return httpx.Response(202, json=about)
        if not rest.endswith(TRIED):
            return httpx.Response(404, json={"detail": "The store has no such backtest."})
        if method == "DELETE":
            self.state = "cancelled"
        result = DONE if self.state == "done" else None
        return httpx.Response(200, json=about | {"state": self.state, "said": self.said, "result": result})
