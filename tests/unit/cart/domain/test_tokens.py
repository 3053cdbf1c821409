"""Guests' tokens and recovery links."""

import hashlib
from base64 import urlsafe_b64decode
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cart.domain import tokens
from services.cart.domain.tokens import ForgedError, Recovery, Share
from tests.unit.cart.carts import NOON

SECRET = b"s" * 32
LINK = Recovery(UUID(int=5), NOON + timedelta(days=30), 2)


def test_a_genuine_token_is_known_by_its_hash_alone():
    token = tokens.issue_guest_token(SECRET, "shop")
    assert token.startswith("g1_")
    assert tokens.guest_token_hash(SECRET, "shop", token) == hashlib.sha256(token.encode()).digest()


def test_no_two_tokens_are_equal():
    assert len({tokens.issue_guest_token(SECRET, "shop") for _ in range(1000)}) == 1000


def test_a_token_of_another_store_is_forged():
    token = tokens.issue_guest_token(SECRET, "shop")
    with pytest.raises(ForgedError):
        tokens.guest_token_hash(SECRET, "other", token)


def test_a_token_under_another_secret_is_forged():
    token = tokens.issue_guest_token(b"x" * 32, "shop")
    with pytest.raises(ForgedError):
        tokens.guest_token_hash(SECRET, "shop", token)


@pytest.mark.parametrize("token", ["", "g1_", "g1", "g2_abc", "g1_====", "g1_ä", "r1_abc", "g1_" + "A" * 10_000])
def test_nonsense_is_forged(token):
    with pytest.raises(ForgedError):
        tokens.guest_token_hash(SECRET, "shop", token)


@pytest.mark.parametrize("mangle", [lambda t: t + "=", lambda t: t + "==", lambda t: t + " ", lambda t: t + "\n"])
def test_another_spelling_of_a_token_is_not_the_token(mangle):
    with pytest.raises(ForgedError):
        tokens.guest_token_hash(SECRET, "shop", mangle(tokens.issue_guest_token(SECRET, "shop")))


def test_a_link_says_what_it_was_made_for():
    assert tokens.read_recovery_token(SECRET, tokens.issue_recovery_token(SECRET, LINK)) == LINK


@settings(deadline=None)
@given(st.integers(0, 63), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_link_with_any_character_changed_is_forged(position, character):
    token = tokens.issue_recovery_token(SECRET, LINK)
    position = min(position, len(token) - 1)
    mangled = token[:position] + character + token[position + 1 :]
    if mangled == token:
        return
    with pytest.raises(ForgedError):
        tokens.read_recovery_token(SECRET, mangled)


OFTEN = UUID("01940000-0000-7000-8000-00000000000a")


def test_what_was_sent_and_kept_long_ago_is_read_for_ever():
    link, share = Recovery(OFTEN, NOON, 2), Share(OFTEN, NOON, 3)
    assert tokens.issue_recovery_token(SECRET, link) == "r1_AZQAAAAAcACAAAAAAAAACgAAafiKQAAAAAKAmdZc4T-SmJp6uPRZbZrx"
    assert tokens.issue_share_token(SECRET, share) == "s1_AZQAAAAAcACAAAAAAAAACgAAafiKQAAAAAMtFkbA70kpv6EcTaQohEZu"
    assert tokens.read_recovery_token(SECRET, "r1_AZQAAAAAcACAAAAAAAAACgAAafiKQAAAAAKAmdZc4T-SmJp6uPRZbZrx") == link
    assert tokens.read_share_token(SECRET, "s1_AZQAAAAAcACAAAAAAAAACgAAafiKQAAAAAMtFkbA70kpv6EcTaQohEZu") == share
    guest = "g1_j88p2cx1kgpUOpV7p473FK3375AxBP7Y0OjpOyLKqrS2wA"
    assert tokens.guest_token_hash(SECRET, "shop", guest) == hashlib.sha256(guest.encode()).digest()
    assert (
        tokens.fingerprint(SECRET, "ab", b"c").hex()
        == "88444cbaf66caa8bc28cd4076032a3b6c86f97677f9426345a7be68e117922fd"
    )
    assert tokens.customer_mark(SECRET, "shop", "anna") == "customer:99894c49db9d8b7ffc8d4b44f8833b3d"


@pytest.mark.parametrize("epoch", [0, 1, 2**32 - 1])
def test_a_link_is_of_its_epoch_however_often_links_were_revoked(epoch):
    link = Recovery(OFTEN, NOON, epoch)
    assert tokens.read_recovery_token(SECRET, tokens.issue_recovery_token(SECRET, link)) == link


def test_a_guests_token_has_144_random_bits_under_a_mac_of_128():
    raw = urlsafe_b64decode(tokens.issue_guest_token(SECRET, "shop").removeprefix("g1_") + "==")
    assert len(raw) * 8 == 144 + 128


def test_links_open_a_cart_for_thirty_days():
    assert {tokens.RECOVERY_VALIDITY, tokens.SHARE_VALIDITY} == {timedelta(days=30)}


def test_a_guests_token_is_no_link_and_a_link_no_token():
    with pytest.raises(ForgedError):
        tokens.read_recovery_token(SECRET, tokens.issue_guest_token(SECRET, "shop"))
    with pytest.raises(ForgedError):
        tokens.guest_token_hash(SECRET, "shop", tokens.issue_recovery_token(SECRET, LINK))


def test_a_fingerprint_tells_where_one_part_ends():
    assert tokens.fingerprint(SECRET, "ab", "c") != tokens.fingerprint(SECRET, "a", "bc")
    assert tokens.fingerprint(SECRET, "ab", "c") != tokens.fingerprint(b"x" * 32, "ab", "c")


def test_a_token_is_read_with_the_first_secret_that_has_signed_it():
    token = tokens.issue_guest_token(b"old", "shop")

    def read(secret: bytes) -> bytes:
        return tokens.guest_token_hash(secret, "shop", token)

    assert tokens.with_any([b"new", b"old"], read) == read(b"old")
    for none in ([], [b"new"]):
        with pytest.raises(ForgedError):
            tokens.with_any(none, read)
