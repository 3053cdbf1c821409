"""What follows from what providers tell of messages."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.answers import Answer, SoftBounces, closes, weight

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
LIMIT = SoftBounces(3, timedelta(days=7))


def bounced(status: str | None = None, *, hard: bool | None = None) -> Answer:
    return Answer("e", "bounced", NOW, hard=hard, status=status)


@pytest.mark.parametrize("hard", [True, False, None])
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *(
            (status, "hard")
            for status in ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.0", "5.2.1", "5.4.1", "5.4.4")
        ),
        *((status, "hard") for status in ("550", "551", "553")),
        *((status, "ours") for status in ("5.1.7", "5.1.8", "5.1.9", "5.3.0", "5.3.5", "5.4.5", "5.5.2", "5.6.10")),
        *((status, "ours") for status in ("5.7.1", "5.7.515", "4.7.0")),
        *((status, "soft") for status in ("5.2.2", "5.2.3", "5.2.4", "5.3.4", "5.4.6", "5.4.7", "552", "421", "4.2.2")),
        *((status, "soft") for status in ("4.0.0", "4.4.1")),
        *((status, "hard") for status in ("5.0.0", "5.2.0", "5.4.0")),
    ],
)
def test_the_status_goes_before_the_provider_s_word(status: str, expected: str, hard: bool | None) -> None:
    assert weight(bounced(status, hard=hard)) == expected


@pytest.mark.parametrize("status", [None, "", "554", "nonsense", "2.0.0", "55", "5500", "x5.1.1", "5.1.1x"])
def test_where_the_status_says_nothing_the_provider_s_word_counts(status: str | None) -> None:
    assert [weight(bounced(status, hard=hard)) for hard in (True, False, None)] == ["hard", "soft", "soft"]


@pytest.mark.parametrize("kind", ["delivered", "deferred", "undelivered", "complained", "opened", "clicked"])
def test_only_a_bounce_has_a_weight(kind) -> None:
    assert weight(Answer("e", kind, NOW, hard=True, status="5.1.1")) is None


def test_a_bounce_for_good_and_a_complaint_close_the_address_at_once() -> None:
    assert closes(bounced("5.1.1"), 0, LIMIT) == "bounced"
    assert closes(bounced(hard=True), 0, None) == "bounced"
    assert closes(Answer("e", "complained", NOW), 0, None) == "complained"


def test_bounces_for_now_close_it_once_there_are_as_many_as_the_store_says() -> None:
    soft = bounced("4.2.2")
    assert [closes(soft, before, LIMIT) for before in range(4)] == [None, None, "bounced", "bounced"]
    assert closes(soft, 99, None) is None
    assert closes(soft, 0, SoftBounces(1, timedelta(days=1))) == "bounced"


@pytest.mark.parametrize("kind", ["delivered", "deferred", "undelivered", "opened", "clicked"])
def test_nothing_else_closes_anything_however_often(kind) -> None:
    assert closes(Answer("e", kind, NOW, hard=True, status="5.1.1"), 99, LIMIT) is None
    assert closes(bounced("5.7.1", hard=True), 99, LIMIT) is None, "it is we who were refused"


def test_a_store_s_count_is_read() -> None:
    assert SoftBounces.read("3 in 7d") == LIMIT
    assert SoftBounces.read("12 in 30d") == SoftBounces(12, timedelta(days=30))
    assert SoftBounces.read("") is None


def test_an_answer_is_a_person_s_and_says_no_more_than_the_provider_did() -> None:
    known = Answer("e", "opened", NOW)
    assert (known.machine, known.hard, known.reminder_id, known.provider_id) == (False, None, None, None)
    assert (known.status, known.reason, known.agent) == (None, None, None)
