"""Who sends a store's e-mails, by its description and the settings of its providers."""

from typing import Any

import pytest

from services.notifier.channels.sender_of import sender_of
from services.notifier.domain.senders.sender import Sender
from services.notifier.domain.store import Store

D = "nordwind.shop"


def of(**said: Any) -> Sender | None:
    return sender_of(Store(name="Nordwind", **({"email_from": f"hello@{D}"} | said)))


@pytest.fixture(autouse=True)
def relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFIER_SMTP_HOST", "Mail.Nordwind.Shop.")


def test_by_a_relay_bounces_come_to_the_stores_address_else_to_the_accounts_else_to_the_sender(
    monkeypatch: pytest.MonkeyPatch,
):
    assert of(dkim_selectors=("s1",)) == Sender(D, ("s1",), D, "mail.nordwind.shop")
    monkeypatch.setenv("NOTIFIER_SMTP_BOUNCE_ADDRESS", "b@account.shop")
    assert of() == Sender(D, (), "account.shop", "mail.nordwind.shop")
    assert of(bounce_address="b@bounces.shop") == Sender(D, (), "bounces.shop", "mail.nordwind.shop")


def test_of_a_provider_with_an_envelope_of_its_own_nothing_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFIER_POSTMARK_SERVER_TOKEN", "t")
    assert of(email_provider="postmark") == Sender(D)
    assert of(email_provider=["postmark", "smtp"]) == Sender(D, (), D, "mail.nordwind.shop"), "it may come to the relay"
    assert of(email_provider="unheard_of") == of(email_provider="ses") == Sender(D), "one that is not set"


def test_a_further_account_has_a_relay_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_HOST", "smtp.relay.shop")
    assert of(email_provider="smtp_nordwind") == Sender(D, (), D, "smtp.relay.shop")


def test_a_store_that_sends_no_letters_has_no_sender():
    assert of(email_from=None) is None
    assert of(closed=True) is None


def test_domains_are_told_as_the_dns_spells_them():
    assert of(email_from="hello@xn--fuball-cta.DE") == Sender(
        "xn--fuball-cta.de", (), "xn--fuball-cta.de", "mail.nordwind.shop"
    )
