"""Whose links are ours."""

import pytest

from services.notifier.domain.unsubscribe_link import ForgedLinkError, Links, Unsubscription

WHO = Unsubscription("demo", "anna:1/ü", "email")


def test_a_link_names_whom_it_was_made_for():
    ours = Links("s" * 32, "https://n.example/")
    assert ours.read(ours.token(WHO)) == WHO
    assert ours.unsubscribe_url(WHO) == f"https://n.example/u/{ours.token(WHO)}"


@pytest.mark.parametrize("customer", ["a", "ab", "abc", "abcd"])
def test_an_id_may_be_of_any_length(customer):
    ours = Links("s" * 32, "https://n.example")
    who = Unsubscription("demo", customer, "sms")
    assert ours.read(ours.token(who)) == who


def test_a_link_that_was_sent_long_ago_is_read_for_ever():
    sent = "u1_WyJkZW1vIiwiYW5uYToxL1x1MDBmYyIsImVtYWlsIl0.rVoXd9cXMeEwakPoOsnGQzh8"
    ours = Links("s" * 32, "https://n.example")
    assert ours.token(WHO) == sent
    assert ours.read(sent) == WHO


def test_a_secret_can_be_replaced_and_links_that_are_out_still_work():
    """Story: the secret had leaked, and changing it would have broken the unsubscribe link of every message sent."""
    before, after = Links("s" * 32, "https://n.example"), Links("t" * 32, "https://n.example", ["s" * 32])
    assert after.read(before.token(WHO)) == after.read(after.token(WHO)) == WHO
    with pytest.raises(ForgedLinkError):
        before.read(after.token(WHO))


def test_a_link_of_another_secret_is_forged():
    with pytest.raises(ForgedLinkError):
        Links("s" * 32, "https://n.example").read(Links("t" * 32, "https://n.example").token(WHO))


def test_a_link_that_was_changed_anywhere_is_forged():
    ours = Links("s" * 32, "https://n.example")
    token = ours.token(WHO)
    for place in range(len(token)):
        changed = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
        with pytest.raises(ForgedLinkError):
            ours.read(changed)
