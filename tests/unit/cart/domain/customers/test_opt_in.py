"""Who is asked before it counts what was agreed to: texts always, e-mail where store or country wants it."""

import pytest

from services.cart.domain.customers.opt_in import GuestContacts, asks_first


@pytest.mark.parametrize("policy", ["single_opt_in", "double_opt_in"])
def test_texts_always_wait_for_an_answer(policy: GuestContacts):
    assert asks_first("sms", policy, "en-US", "America/New_York")


@pytest.mark.parametrize(
    ("policy", "locale", "zone", "asks"),
    [
        ("single_opt_in", "pl", "Europe/Warsaw", False),
        ("single_opt_in", "en", None, False),
        ("double_opt_in", "pl", "Europe/Warsaw", True),
        ("single_opt_in", "pl", "Europe/Berlin", True),
        ("single_opt_in", "pl", "Europe/Busingen", True),
        ("single_opt_in", "de", None, True),
        ("single_opt_in", "de-DE", None, True),
        ("single_opt_in", "de_DE", None, True),
        ("single_opt_in", "de-Latn-DE", None, True),
        ("single_opt_in", "en-DE", None, True),
        ("single_opt_in", "de-AT", "Europe/Vienna", False),
        ("single_opt_in", "de-150", None, False),
        ("single_opt_in", "German", None, False),
    ],
)
def test_e_mail_waits_where_store_or_country_wants_it(policy: GuestContacts, locale: str, zone: str | None, asks: bool):
    assert asks_first("email", policy, locale, zone) is asks
