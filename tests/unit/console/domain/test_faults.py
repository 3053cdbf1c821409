"""What counts as wrong, from where on, and in which words ops are told."""

from datetime import UTC, datetime, timedelta

import pytest

from services.console.domain.faults import (
    CALM,
    KINDS,
    LONGEST_SILENCE,
    QUIETEST,
    Fault,
    Sent,
    Unasked,
    behind,
    in_words,
    mail_of,
    over,
    put_aside,
    reputation,
    silence,
    silent_since,
)
from services.console.domain.pulse import Sign

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("last_at", "since"),
    [
        (NOW, None),
        (NOW - QUIETEST + MOMENT, None),
        (NOW - QUIETEST, NOW - QUIETEST),
        (NOW - 3 * HOUR, NOW - 3 * HOUR),
        (NOW - 40 * HOUR, NOW - LONGEST_SILENCE),
        (None, NOW - LONGEST_SILENCE),
    ],
)
def test_a_silence_begins_an_hour_after_the_last_message_and_is_looked_at_for_a_day(
    last_at: datetime | None, since: datetime | None
) -> None:
    assert silent_since(last_at, NOW) == since
    assert (HOUR, timedelta(hours=24)) == (QUIETEST, LONGEST_SILENCE)


@pytest.mark.parametrize(
    ("hours", "weeks", "found"),
    [
        (3, (40, 55, 70), Fault("silence", "shop", "", 3.0, 40.0)),
        (3, (20, 20, 20), Fault("silence", "shop", "", 3.0, 20.0)),
        (3, (19, 90, 90), None),
        (3, (), None),
        (0.5, (40, 55, 70), None),
    ],
)
def test_a_store_is_silent_when_the_least_of_its_weeks_had_twenty(
    hours: float, weeks: tuple[int, ...], found: Fault | None
) -> None:
    assert silence(Sent("shop", NOW - hours * HOUR, weeks), NOW) == found


def test_a_process_is_behind_where_it_says_that_it_is_stuck() -> None:
    signs = [
        Sign("outbox", "cart", 720, "bad"),
        Sign("outbox", "cart", 90, "warn"),
        Sign("reading", "cart.events", 610, "bad"),
        Sign("refused", "email", 4, "bad"),
        Sign("reading", "", 601, "bad"),
    ]
    assert behind("cart-relay", signs) == [
        Fault("outbox", "", "cart-relay cart", 720),
        Fault("lag", "", "cart-relay cart.events", 610),
        Fault("lag", "", "cart-relay", 601),
    ]


def test_records_that_wait_are_a_fault_by_topic() -> None:
    assert put_aside({"cart.events": 2, "stores": 0}) == [Fault("dead_letters", "", "cart.events", 2.0, 0.0)]


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "found"),
    [
        (1000, 49, 2, []),
        (1000, 50, 2, [Fault("sender", "shop", "email bounced", 0.05, 0.05)]),
        (1000, 0, 3, [Fault("sender", "shop", "email complained", 0.003, 0.003)]),
        (
            500, 100, 100,
            [
                Fault("sender", "shop", "email complained", 0.2, 0.003),
                Fault("sender", "shop", "email bounced", 0.2, 0.05),
            ],
        ),
        (499, 499, 499, []),
    ],
)  # fmt: skip
def test_a_sender_is_in_danger_by_rates_of_enough_messages(
    sent: int, bounced: int, complained: int, found: list[Fault]
) -> None:
    assert reputation("shop", "email", sent, bounced, complained) == found


WORDS = {
    Fault("silence", "shop", "", 3.2, 40.0): "shop: silent for 3 h, 40 expected",
    Fault("lag", "", "trigger cart.events", 610.4): "trigger cart.events: 610 s behind",
    Fault("outbox", "", "cart-relay cart", 720): "cart-relay cart: the oldest event has waited for 720 s",
    Fault("dead_letters", "", "cart.events", 2.0): "cart.events: 2 wait",
    Fault("sender", "shop", "email bounced", 0.0712, 0.05): (
        "shop: email bounced: 7.12% of a week's messages, at most 5.0% may be"
    ),
    Fault("dns", "shop", "SPF: nordwind.shop has none.", 1.0): "shop: SPF: nordwind.shop has none",
}


@pytest.mark.parametrize("fault", WORDS, ids=lambda fault: fault.kind)
def test_a_fault_is_told_in_words(fault: Fault) -> None:
    assert in_words(fault) == WORDS[fault]


def test_every_kind_has_words() -> None:
    assert {fault.kind for fault in WORDS} == set(KINDS)


def test_a_mail_says_since_when_where_to_look_and_that_it_is_the_only_one() -> None:
    fault = Fault("silence", "shop", "", 3.0, 40.0)
    subject, text = mail_of(fault, NOW, None, "https://console.shop.example")
    assert subject == "[Evercart] nothing goes out: shop: silent for 3 h, 40 expected"
    assert text == (
        "Since 2026-12-01 12:00 UTC nothing goes out: shop: silent for 3 h, 40 expected.\n\n"
        "Health shows more: https://console.shop.example\n\n"
        "This is told once; another mail says when it is over.\n"
    )
    assert "Health" not in mail_of(fault, NOW, None, "")[1]


def test_a_mail_says_that_it_is_over_and_how_long_it_was() -> None:
    subject, text = mail_of(Fault("outbox", "", "cart-relay cart", 720), NOW, NOW + 2 * HOUR, "https://c.example")
    what = "events are not published: cart-relay cart: the oldest event has waited for 720 s"
    assert subject == f"[Evercart] over: {what}"
    assert text == f"It is over, after 120 minutes: {what}.\n"


def test_a_fault_is_over_once_it_was_not_seen_for_a_while_and_could_have_been() -> None:
    silent, late = Fault("silence", "shop", "", 3.0, 40.0), Fault("lag", "", "trigger", 700)
    known = [(silent, NOW - CALM), (late, NOW - CALM)]
    assert over(known, [], NOW) == [silent, late]
    assert over(known, [Unasked("lag")], NOW) == [silent]
    assert over(known, [Unasked("lag", "shop"), Unasked("silence", "other")], NOW) == [silent, late]
    assert over([(silent, NOW - CALM + MOMENT)], [], NOW) == []
    assert timedelta(minutes=5) == CALM


@pytest.mark.parametrize(
    ("unasked", "covered"),
    [
        (Unasked("dns"), True),
        (Unasked("dns", "shop"), True),
        (Unasked("dns", "shop", "SPF: "), True),
        (Unasked("dns", "", "SPF: "), True),
        (Unasked("dns", "shop", "DKIM: "), False),
        (Unasked("dns", "other", "SPF: "), False),
        (Unasked("dns", "other"), False),
        (Unasked("sender", "shop"), False),
    ],
)
def test_what_nobody_could_ask_after_goes_on(unasked: Unasked, covered: bool) -> None:
    assert unasked.covers(Fault("dns", "shop", "SPF: nordwind.shop has none.", 1.0)) is covered
