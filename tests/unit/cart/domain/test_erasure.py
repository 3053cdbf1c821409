"""Whose data an erasure is about, what others are told of it, and until when what can't be reached is gone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from libs.contracts.topics import TOPICS
from services.cart.domain.cart import Context
from services.cart.domain.erasure import ASK_AGAIN, OTHERS, Closing, Erasure, missing, request_topics, tables, topics
from services.cart.domain.tokens import customer_mark

NOW = datetime(2026, 3, 14, tzinfo=UTC)
ID = UUID(int=7)


def test_the_request_is_dated_by_what_is_the_customers_and_its_key_names_nobody() -> None:
    request = Erasure(ID, "shop", ("anna", "card-7"), 9, NOW).request(UUID(int=1))
    assert (request.occurred_at, request.customer_ids, request.profile_version) == (NOW, ("anna", "card-7"), 9)
    assert "anna" not in request.key()


def test_a_cart_that_is_erased_is_closed_one_version_on_and_is_nobodys() -> None:
    told = Closing(ID, 4).event("shop", Context(NOW))
    assert (told.cart_version, told.customer_id, told.holds, told.total, told.closes) == (5, None, {}, 0, True)


def test_an_erasure_is_done_when_every_other_service_has_answered() -> None:
    assert missing([]) == sorted(OTHERS)
    assert missing(["cart", "trigger"]) == ["console", "notifier"]
    assert missing(["cart", *OTHERS]) == []


def test_services_that_do_not_answer_are_asked_again_after_a_day_while_kafka_still_has_the_first_request() -> None:
    assert timedelta(days=1) == ASK_AGAIN
    assert all(place.gone_by - NOW > ASK_AGAIN for place in request_topics(NOW) if place.gone_by)


def test_a_receipt_tells_of_every_table_also_of_those_where_nothing_was() -> None:
    told = {place.place: place.rows for place in tables({"carts": 3})}
    assert told["table carts"] == 3
    assert told["table profiles"] == told["table orders"] == 0


def test_what_can_t_be_taken_back_says_until_when_it_stays() -> None:
    expected = {
        "topic cart.events": ("expires", 31),
        "topic orders.feed": ("expires", 15),
        "topic orders.feed.dlq": ("expires", 15),
        "topic customer.consents.dlq": ("expires", 15),
        "topic customer.profiles": ("tombstoned", 9),
        "topic customer.erasures": ("tombstoned", 8),
        "topic customer.erasures.dlq": ("tombstoned", 15),
    }
    told = {place.place: (place.done, place.gone_by) for place in (*topics(NOW), *request_topics(NOW))}
    assert told == {name: (done, NOW + timedelta(days=days)) for name, (done, days) in expected.items()}


def test_what_only_expires_is_in_topics_of_which_segments_are_closed_daily() -> None:
    for topic in TOPICS:
        if "retention.ms" in topic.config:
            assert topic.config["segment.ms"] == str(24 * 60 * 60 * 1000), topic.name


def test_one_customer_has_one_mark_in_a_store_and_another_one_in_the_next() -> None:
    assert customer_mark(b"s", "shop", "anna") == customer_mark(b"s", "shop", "anna")
    marks = {customer_mark(key, store, "anna") for key in (b"s", b"t") for store in ("shop", "other")}
    assert len(marks) == 4
