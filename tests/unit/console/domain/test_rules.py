"""What other currencies are worth, and how long a click counts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.console.domain.rules import LONGEST, Rules

DAY = date(2026, 11, 2)
DAYS = [date(2010, 1, 1) + timedelta(days=n) for n in range(5001)]
USD = {"currency": "USD", "since": "2026-01-01", "rate": "0.91"}


def rules(**more: object) -> Rules:
    return Rules.model_validate(more)


def test_without_a_word_five_days_count() -> None:
    assert rules().window("email") == timedelta(days=5)
    assert rules(window_days=7, channel_days={"sms": 2}).window("sms") == timedelta(days=2)
    assert rules(window_days=7, channel_days={"sms": 2}).window("email") == timedelta(days=7)
    assert timedelta(days=30) == LONGEST


@pytest.mark.parametrize(
    ("amount", "currency", "own", "worth"),
    [
        (1000, "EUR", "EUR", 1000),
        (1000, "USD", "EUR", 910),
        (1000, "PLN", "EUR", None),
        (1000, None, "EUR", None),
        (1000, "EUR", None, None),
        (0, "USD", "EUR", 0),
    ],
)
def test_an_amount_is_worth_what_the_store_tells(amount: int, currency: str, own: str, worth: int | None) -> None:
    assert rules(rates=[USD]).worth(amount, currency, own, DAY) == worth


def test_the_rules_currency_goes_before_the_stores() -> None:
    assert rules(currency="PLN").worth(500, "PLN", "EUR", DAY) == 500
    assert rules(currency="PLN").worth(500, "EUR", "EUR", DAY) is None


def test_a_rate_counts_from_its_day_on_until_the_next() -> None:
    told = rules(rates=[USD | {"since": "2026-11-02", "rate": "0.5"}, USD])
    assert told.worth(1000, "USD", "EUR", date(2026, 11, 1)) == 910
    assert told.worth(1000, "USD", "EUR", date(2026, 11, 2)) == 500
    assert told.worth(1000, "USD", "EUR", date(2025, 12, 31)) is None


def test_minor_units_are_of_their_currency() -> None:
    yen = rules(rates=[{"currency": "JPY", "since": "2026-01-01", "rate": "0.006"}])
    assert yen.worth(1000, "JPY", "EUR", DAY) == 600
    assert rules(rates=[USD | {"rate": "150"}]).worth(1000, "USD", "JPY", DAY) == 1500


def test_halves_are_rounded_to_even() -> None:
    half = rules(rates=[USD | {"rate": "0.5"}])
    assert [half.worth(amount, "USD", "EUR", DAY) for amount in (1, 3, 5)] == [0, 2, 2]


def test_a_currency_of_the_store_that_nobody_knows_is_worth_nothing_said() -> None:
    assert rules(rates=[USD]).worth(1000, "USD", "XXQ", DAY) is None
    assert rules().worth(1000, "XXQ", "XXQ", DAY) == 1000


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_days": 0},
        {"window_days": 31},
        {"window_days": "5"},
        {"channel_days": {"sms": 0}},
        {"channel_days": {"E-Mail": 2}},
        {"currency": "eur"},
        {"rates": [USD, USD | {"rate": "0.9"}]},
        {"rates": [USD | {"rate": "0"}]},
        {"rates": [USD | {"currency": "ABC"}]},
        {"rates": [USD | {"rate": "1000000000"}]},
        {"rates": [USD | {"rate": "1.234567890123456789"}]},
        {"rates": [USD | {"since": DAYS[n]} for n in range(5001)]},
        {"channel_days": {f"c{n}": 1 for n in range(21)}},
        {"more": 1},
    ],
)
def test_what_can_t_be_counted_by_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rules(**wrong)


def test_as_much_may_be_said_as_the_bounds_say() -> None:
    assert len(rules(rates=[USD | {"since": DAYS[n]} for n in range(5000)]).rates) == 5000
    assert len(rules(channel_days={f"c{n}": 1 for n in range(20)}).channel_days) == 20
    (rate,) = rules(rates=[USD | {"rate": "999999999.123456789"}]).rates
    assert rate.rate == Decimal("999999999.123456789")


@pytest.mark.parametrize(("code", "why"), [("EU", "string_too_short"), ("EURO", "string_too_long"), ("ABC", "value")])
def test_what_is_no_code_is_told_by_its_length_first(code: str, why: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rules(currency=code)
    assert refused.value.errors()[0]["type"].startswith(why)


def test_two_rates_of_other_days_or_currencies_are_two() -> None:
    assert len(rules(rates=[USD, USD | {"since": "2026-02-01"}, USD | {"currency": "PLN"}]).rates) == 3
    assert rules(window_days=30, channel_days={"sms": 1, "email": 30}).window_days == 30
