"""Whose links are ours."""

import pytest

from services.notifier.domain.unsubscribe_link import ForgedLinkError, Links, Unsubscription

WHO = Unsubscription("demo", "anna:1/ü", "email")


def test_a_link_names_whom_it_was_made_for():
    ours = Links("s" * 32, "https://n.example/")
    assert ours.read(ours.token(WHO)) == WHO
    assert ours.unsubscribe_url(WHO) == f"https://n.example/u/{ours.token(WHO)}"


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
