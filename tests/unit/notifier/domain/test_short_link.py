"""Short links: secrets that stand for a message."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.short_link import CART_DAYS, LENGTH, ShortLinks, hashed, is_short

OURS, OTHERS = ShortLinks("s" * 32, "https://n.example/"), ShortLinks("t" * 32, "https://n.example/")


@given(st.uuids())
def test_a_link_has_eleven_characters_and_is_the_same_whenever_it_is_made(reminder_id: UUID):
    made = OURS.of(reminder_id)
    tokens = [url.rpartition("/")[2] for url in (made.unsubscribe_url, made.url)]
    assert all(is_short(token) and len(token) == LENGTH for token in tokens)
    assert made == OURS.of(reminder_id)
    assert made.hashes == (hashed(tokens[0]), hashed(tokens[1]))
    assert tokens[0] != tokens[1]


@given(st.uuids())
def test_nobody_without_the_secret_can_make_one(reminder_id: UUID):
    assert OURS.of(reminder_id).hashes != OTHERS.of(reminder_id).hashes


def test_a_link_that_was_sent_is_the_same_for_every_release():
    made = OURS.of(UUID(int=1))
    assert made.unsubscribe_url == "https://n.example/u/-0zOiA--4fg"
    assert made.url == "https://n.example/c/ADNKK9gzYoA"


def test_a_yes_has_a_link_of_its_own_and_the_same_way_out():
    cart, yes = OURS.of(UUID(int=1)), OURS.of(UUID(int=1), "confirm")
    assert yes.url.startswith("https://n.example/y/")
    assert yes.url.rpartition("/")[2] != cart.url.rpartition("/")[2]
    assert yes.unsubscribe_url == cart.unsubscribe_url
    assert yes.hashes == (cart.hashes[0], hashed(yes.url.rpartition("/")[2]))


def test_what_a_letter_asks_besides_is_answered_with_its_own_secret_and_confirmed_with_another():
    made, yes = OURS.of(UUID(int=1)), OURS.of(UUID(int=1), "monthly_confirm")
    assert made.monthly_url == "https://n.example/m/-0zOiA--4fg"
    assert yes.url.startswith("https://n.example/s/")
    others = (made, OURS.of(UUID(int=1), "confirm"))
    assert yes.hashes[1] not in {one for each in others for one in each.hashes}


def test_links_are_remembered_while_256_messages_are_sent():
    links = ShortLinks("s" * 32, "https://n.example/")
    made = links.of(UUID(int=0))
    for number in range(1, 256):
        links.of(UUID(int=number))
    assert links.of(UUID(int=0)) is made
    for number in range(1, 257):
        links.of(UUID(int=number))
    again = links.of(UUID(int=0))
    assert again == made
    assert again is not made


def test_a_link_to_a_cart_leads_there_for_thirty_days():
    assert timedelta(days=30) == CART_DAYS


@pytest.mark.parametrize(
    ("token", "short"),
    [
        ("aZ09_-aZ09_", True),
        ("aZ09_-aZ09", False),
        ("aZ09_-aZ09_x", False),
        ("aZ09_-aZ09=", False),
        ("aZ09_-aZ09_\n", False),
        ("", False),
    ],
)
def test_eleven_letters_of_a_url_may_be_one_of_ours(token: str, short: bool):
    assert is_short(token) is short
