"""Figures of a store as the console would have counted them."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.console.domain.figures import (
    Arm,
    CampaignFunnel,
    Difference,
    Experiment,
    Funnel,
    Interval,
    Money,
    Reason,
    Revenue,
    SampleRatio,
    Step,
    Today,
    Week,
)
from services.console.domain.messages import Entry, Message, Messages
from services.console.domain.upcoming import Asked, NextCart, Soon, Upcoming, Waiting
from tests.integration.console.pages.fake_carts import CART_ID
from tests.integration.console.pages.fake_services import MESSAGE, WAITS_ID

NOW = datetime(2026, 12, 1, 10, 20, tzinfo=UTC)
REMINDED = Arm("treatment", 981, 119, 0.121, Interval(0.102, 0.143), 410.0, Interval(340.0, 480.0))
HELD_OUT = Arm("holdout", 120, 9, 0.075, Interval(0.04, 0.136), 220.0, Interval(120.0, 330.0))
MORE = Difference("treatment", "holdout", 0.046, Interval(0.004, 0.081), 190.0, Interval(92.0, 275.0))
NUDGE = Step(
    step=1,
    name="nudge",
    channel="email",
    arm=None,
    decided=0,
    held_out=0,
    asked=0,
    waiting=0,
    sent=981,
    delivered=968,
    bounced=13,
    complained=0,
    opened=402,
    clicked=201,
    suspected=9,
    ordered=119,
    revenue=Revenue((Money("EUR", 402_210),), Money("EUR", 402_210)),
    skipped=(Reason("cart_changed", 61), Reason("ordered", 29), Reason("no_consent", 13)),
    not_sent=(),
)
OFFER = Step(
    step=2,
    name="offer",
    channel="email",
    arm=None,
    decided=0,
    held_out=0,
    asked=0,
    waiting=44,
    sent=512,
    delivered=505,
    bounced=7,
    complained=0,
    opened=130,
    clicked=61,
    suspected=4,
    ordered=38,
    revenue=Revenue((Money("EUR", 161_500),), Money("EUR", 161_500)),
    skipped=(Reason("ordered", 29), Reason("no_consent", 13), Reason("cart_changed", 61)),
    not_sent=(Reason("quiet_hours", 2),),
)


class BusyDay:
    """What a marketer sees on a Monday."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.sent = 203
        self.about_items: tuple[CampaignFunnel, ...] = ()

    async def today(self, _store_id: str) -> Today:
        revenue = [Revenue((Money("EUR", cents),), Money("EUR", cents)) for cents in (51_240, 563_710, 490_370)]
        week = Week(date(2026, 11, 25), date(2026, 12, 1), 1493, 157, revenue[1], REMINDED, HELD_OUT, MORE)
        last = Week(date(2026, 11, 18), date(2026, 11, 24), 1402, 131, revenue[2], REMINDED, HELD_OUT, MORE)
        return Today(NOW, NOW.date(), 37, 44, self.sent, 12, revenue=revenue[0], this_week=week, last_week=last)

    async def funnel(self, store_id: str, _days: int) -> Funnel:
        campaign = CampaignFunnel("cart", "abandoned_cart", ("4",), 1204, 120, 120, 9, (NUDGE, OFFER))
        return Funnel(store_id, date(2026, 11, 25), date(2026, 12, 1), NOW, (campaign, *self.about_items))

    async def experiments(self, _store_id: str, *, planned: Any = None) -> list[Experiment]:
        ratio = SampleRatio(0.4, (("holdout", 0.1), ("treatment", 0.9)))
        return [
            Experiment("cart", "EUR", (REMINDED, HELD_OUT), (MORE,), ratio, 0),
            Experiment("win_back", "EUR", (REMINDED, HELD_OUT), (), ratio, 9),
        ]

    async def messages(self, _store_id: str, wanted: dict[str, str], _after: str) -> Messages:
        self.asked.append(wanted)
        if wanted.get("reason") == "rare":
            return Messages((), "further", NOW)
        common: dict[str, Any] = {
            "campaign": "cart",
            "kind": "abandoned_cart",
            "arm": None,
            "cart_id": None,
            "order_id": None,
        }
        rows = (
            Message(
                reminder_id=UUID(int=1), at=NOW, customer_id="anna", step=1, step_name="nudge", channel="email",
                state="clicked", reason=None, due_at=NOW, provider="smtp", **common,
            ),
            Message(
                reminder_id=UUID(int=2), at=NOW, customer_id="ben", step=2, step_name="offer", channel="sms",
                state="cancelled", reason="ordered", due_at=NOW, **common,
            ),
            Message(
                reminder_id=UUID(int=3), at=NOW, customer_id="cleo", step=2, step_name=None, channel="email",
                state="waiting", reason=None, due_at=NOW, **common,
            ),
        )  # fmt: skip
        return Messages(rows, "more")

    async def providers(self, _store_id: str) -> list[str]:
        return ["smtp", "twilio"]

    async def customer_timeline(self, _store_id: str, customer_id: str) -> list[Entry]:
        if customer_id not in ("anna", "77"):
            return []
        return [Entry(NOW, "placed", order_id="10042", amount=Money("EUR", 2490), credited_to=UUID(int=1))]

    async def upcoming(self, _store_id: str, delays: Collection[timedelta]) -> Upcoming:
        asked = (
            Asked("cart", 1, "nudge", "email", 3, 2, NOW - timedelta(minutes=40)),
            Asked("low_stock", 1, None, "sms", 1, 0, None),
        )
        longest = ((UUID(str(MESSAGE["reminder_id"])), "anna"),)
        ahead = (NextCart(UUID(CART_ID), "anna", NOW + timedelta(minutes=9)),)
        waiting = (Waiting(UUID(WAITS_ID), "anna", "cart", 1, "nudge", "email", NOW - timedelta(minutes=40)),)
        return Upcoming(NOW, {one: Soon(4, 9) for one in delays}, asked, longest, ahead, waiting)
