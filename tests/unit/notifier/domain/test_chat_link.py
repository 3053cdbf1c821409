"""Links that tie a chat to a customer: signed, for a day, for one channel."""

from datetime import timedelta

import pytest

from services.notifier.domain.chat_link import COUNTS, LENGTH, ChatLinks
from tests.unit.notifier.making import NOON

NAME = "0123456789abcdef" * 2
LINKS = ChatLinks("s" * 32)
UNTIL = NOON + COUNTS


def test_a_payload_is_read_as_the_name_it_was_made_of_until_it_ends() -> None:
    payload = LINKS.payload("telegram", NAME, UNTIL)
    assert (len(payload), COUNTS) == (48, timedelta(days=1))
    assert LENGTH == 48
    assert LINKS.read("telegram", payload, NOON) == NAME
    assert LINKS.read("telegram", payload, UNTIL - timedelta(seconds=1)) == NAME
    assert LINKS.read("telegram", payload, UNTIL) is None
    assert set(payload) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


@pytest.mark.parametrize("place", range(LENGTH))
def test_no_character_of_it_can_be_changed(place: int) -> None:
    payload = LINKS.payload("telegram", NAME, UNTIL)
    other = "A" if payload[place] != "A" else "B"
    assert LINKS.read("telegram", payload[:place] + other + payload[place + 1 :], NOON) is None


@pytest.mark.parametrize("wrong", ["", "A", "A" * 47, "A" * 48, "é" * 48, "!" * 48, "=" * 48, "A" * 46 + "=="])
def test_what_is_none_of_ours_is_nobody_s(wrong: str) -> None:
    assert LINKS.read("telegram", wrong, NOON) is None


def test_it_counts_for_its_channel_alone_and_by_secrets_of_before() -> None:
    payload = LINKS.payload("telegram", NAME, UNTIL)
    assert LINKS.read("viber", payload, NOON) is None
    assert ChatLinks("t" * 32).read("telegram", payload, NOON) is None
    rotated = ChatLinks("t" * 32, "s" * 32)
    assert rotated.read("telegram", payload, NOON) == NAME
    assert rotated.payload("telegram", NAME, UNTIL) == ChatLinks("t" * 32).payload("telegram", NAME, UNTIL) != payload
    assert ChatLinks().read("telegram", payload, NOON) is None
