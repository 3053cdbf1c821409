"""A draft of campaigns beside what is in force, as a page shows it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.console.domain.backtests import Bar, Both, StepTried, prices_said, tried_of


def side(*steps: tuple[str, str, str, int, dict[str, int]], days: Any = ()) -> dict[str, Any]:
    told = [
        {"campaign": campaign, "step": step, "channel": channel, "messages": messages, "skipped": skipped}
        for campaign, step, channel, messages, skipped in steps
    ]
    by_day = [{"day": day, "channel": channel, "messages": number} for day, channel, number in days]
    return {"people": len(told), "messages": sum(one[3] for one in steps), "steps": told, "days": by_day}


LIVE = side(
    ("cart", "nudge", "email", 10, {"ordered": 3, "holdout": 1}),
    ("cart", "offer", "sms", 4, {}),
    days=[("2026-11-20", "email", 5), ("2026-11-20", "sms", 3), ("2026-11-22", "email", 6)],
)
DRAFT = side(
    ("cart", "nudge", "email", 6, {"ordered": 3, "no_consent": 9}),
    ("cart", "late", "telegram", 2, {}),
    days=[("2026-11-21", "email", 4)],
)
RESULT = {"live": LIVE, "draft": DRAFT}


def test_both_are_told_step_by_step_those_that_one_alone_has_too():
    tried = tried_of(RESULT, {})
    assert (tried.people, tried.messages) == (Both(2, 2), Both(14, 8))
    assert tried.steps == (
        StepTried(
            "cart",
            "nudge",
            "email",
            Both(10, 6),
            (("no_consent", Both(0, 9)), ("ordered", Both(3, 3)), ("holdout", Both(1, 0))),
        ),
        StepTried("cart", "offer", "sms", Both(4, 0), ()),
        StepTried("cart", "late", "telegram", Both(0, 2), ()),
    )
    assert (tried.messages.change, tried.steps[2].messages.change) == (-6, 2)


def test_what_was_held_back_and_put_off_is_told_by_reason_the_most_first():
    live = LIVE | {"held_back": {"frequency_cap": 2, "unreachable": 2}, "put_off": {"quiet_hours": 5}}
    draft = DRAFT | {"held_back": {"no_consent": 9, "unreachable": 3}, "put_off": {}}
    tried = tried_of({"live": live, "draft": draft}, {})
    assert tried.held_back == (
        ("no_consent", Both(0, 9)),
        ("unreachable", Both(2, 3)),
        ("frequency_cap", Both(2, 0)),
    )
    assert tried.put_off == (("quiet_hours", Both(5, 0)),)
    older = tried_of(RESULT, {})
    assert (older.held_back, older.put_off) == ((), ())


def test_of_reasons_that_are_as_many_the_first_by_name_is_first():
    tried = tried_of({"live": side(("c", "s", "sms", 0, dict.fromkeys("hgfedcba", 2))), "draft": side()}, {})
    assert [why for why, _ in tried.steps[0].skipped] == [*"abcdefgh"]


def test_cost_counts_what_has_a_price_and_names_what_has_none():
    assert tried_of(RESULT, {}).costs is None
    assert tried_of(RESULT, {}).unpriced == ("email", "sms", "telegram")
    tried = tried_of(RESULT, {"email": Decimal("0.001"), "sms": Decimal("0.07"), "whatsapp": Decimal(9)})
    assert tried.costs == (Decimal("0.290"), Decimal("0.006"))
    assert tried.unpriced == ("telegram",)
    free = tried_of(RESULT, {"email": Decimal(0)})
    assert free.costs == (Decimal(0), Decimal(0)), "free is a price"
    nothing = {"live": side(("c", "s", "sms", 0, {"ordered": 2})), "draft": side()}
    assert tried_of(nothing, {"sms": Decimal(1)}).costs is None
    assert tried_of(nothing, {}).unpriced == ()


def test_days_stand_beside_each_other_on_one_scale_with_those_of_nothing_between():
    tried = tried_of(RESULT, {})
    assert tried.most == 8
    assert tried.bars == (
        Bar(date(2026, 11, 20), 0.0, 85.3, 96.0, 0.0, Both(8, 0)),
        Bar(date(2026, 11, 21), 213.3, 85.3, 0.0, 48.0, Both(0, 4)),
        Bar(date(2026, 11, 22), 426.7, 85.3, 72.0, 0.0, Both(6, 0)),
    )
    assert (
        tried_of({"live": side(), "draft": side()}, {}).bars,
        tried_of({"live": side(), "draft": side()}, {}).most,
    ) == (
        (),
        0,
    )


def test_bars_are_told_to_a_tenth():
    days = [("2026-11-20", "email", 7), ("2026-11-21", "email", 1)]
    assert [bar.live for bar in tried_of({"live": side(days=days), "draft": side()}, {}).bars] == [96.0, 13.7]


@pytest.mark.parametrize(
    ("typed", "price"),
    [("0.07", "0.07"), (" 0,001 ", "0.001"), ("0", "0"), ("0.000001", "0.000001"), ("999.999999", "999.999999")],
)
def test_a_price_is_said_as_people_type_it(typed: str, price: str):
    assert prices_said({"price.sms": typed, "price.pigeon": "1"}, ("email", "sms")) == {"sms": Decimal(price)}


@pytest.mark.parametrize("typed", ["x", "-1", "-0.000001", "1000", "0.0000001", "nan", "inf", "1e9"])
def test_what_is_no_price_is_refused(typed: str):
    assert prices_said({"price.sms": typed, "price.email": "1"}, ("email", "sms")) is None


def test_an_empty_field_says_nothing():
    assert prices_said({"price.sms": " "}, ("sms", "email")) == {}
