"""Short links: secrets that stand for a message."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.short_link import LENGTH, ShortLinks, hashed, is_short

OURS, OTHERS = ShortLinks("s" * 32, "https://n.example/"), ShortLinks("t" * 32, "https://n.example/")


@given(st.uuids())
def test_a_link_has_eleven_characters_and_is_the_same_whenever_it_is_made(reminder_id: UUID):
    made = OURS.of(reminder_id)
    tokens = [url.rpartition("/")[2] for url in (made.unsubscribe_url, made.cart_url)]
    assert all(is_short(token) and len(token) == LENGTH for token in tokens)
    assert made == OURS.of(reminder_id)
    assert made.hashes == (hashed(tokens[0]), hashed(tokens[1]))
    assert tokens[0] != tokens[1]


@given(st.uuids())
def test_nobody_without_the_secret_can_make_one(reminder_id: UUID):
    assert OURS.of(reminder_id).hashes != OTHERS.of(reminder_id).hashes
