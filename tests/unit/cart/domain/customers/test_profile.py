"""How a customer may be reached."""

import json
from uuid import UUID

import pycountry
import pytest
from pydantic import ValidationError

from services.cart.domain.customers import places
from services.cart.domain.customers.profile import Contact, Profile
from tests.unit.cart.carts import NOON, moment


def contact(**fields) -> Contact:
    return Contact.model_validate_json(json.dumps(fields))


def test_nothing_need_be_known_and_nobody_has_agreed():
    known = contact()
    assert (known.email, known.phone, known.locale, known.email_consent, known.sms_consent) == (
        None,
        None,
        "en",
        False,
        False,
    )


def test_telephone_numbers_become_e164():
    assert contact(phone="+44 20 7946 0958").phone == "+442079460958"


def test_the_domain_of_an_address_is_in_small_letters_and_the_rest_as_given():
    assert contact(email="Anna.K@Shop.TEST").email == "Anna.K@shop.test"


@pytest.mark.parametrize("locale", ["en", "pl", "pt-BR", "sr_Latn_RS", "sr-Latn", "es-419"])
def test_locales_are_languages_with_or_without_script_and_region(locale):
    assert contact(locale=locale).locale == locale


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "anna"},
        {"email": "anna@"},
        {"email": "anna@shop"},
        {"email": "a\r\nBcc: b@c.test"},
        {"email": "anna@shop.test\n"},
        {"email": "x" * 250 + "@shop.test"},
        {"phone": "5550100"},
        {"phone": "+1"},
        {"phone": "+999999999999999"},
        {"phone": "call me"},
        {"timezone": "Europe/Atlantis"},
        {"timezone": "../../etc/passwd"},
        {"country": "XX"},
        {"country": "us"},
        {"country": "USA"},
        {"region": "CA"},
        {"country": None, "region": "CA"},
        {"country": "US", "region": "ON"},
        {"country": "US", "region": "US-CA"},
        {"country": "US", "region": "ca"},
        {"locale": "english"},
        {"locale": "../en"},
        {"name": "a\nb"},
        {"name": ""},
        {"email_consent": "yes"},
        {"sms_consent": 1},
        {"birthday": "2000-01-01"},
    ],
    ids=str,
)
def test_what_is_not_right_is_refused(wrong):
    with pytest.raises(ValidationError):
        contact(**wrong)


@pytest.mark.parametrize(
    "address", [("US", "CA"), ("US", None), ("FR", "IDF"), ("FR", "75C"), ("PL", "14"), ("PR", None)], ids=str
)
def test_an_address_is_a_country_and_maybe_a_region_of_it(address: tuple[str, str | None]):
    known = contact(country=address[0], region=address[1])
    assert (known.country, known.region) == address


def test_the_regions_are_all_that_pycountry_knows():
    """They are read from its file, which need not lie where it does for ever."""
    assert {one.code for one in pycountry.subdivisions} == places._regions()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"country": "XX"}, {("country",): "not a country of ISO 3166-1, such as US"}),
        ({"country": "XX", "region": "CA"}, {("country",): "not a country of ISO 3166-1, such as US"}),
        ({"region": "CA"}, {("region",): "a region needs the country that it is in"}),
        ({"country": "DE", "region": "CA"}, {("region",): "not a region of DE in ISO 3166-2"}),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_address_is_told_in_words_where_it_is(wrong, told):
    with pytest.raises(ValidationError) as refused:
        contact(**wrong)
    assert {one["loc"]: one["msg"].removeprefix("Value error, ") for one in refused.value.errors()} == told


def test_a_fault_does_not_repeat_what_was_sent():
    with pytest.raises(ValidationError) as refused:
        contact(email="anna at home", phone="anna's phone")
    told = [fault["msg"] for fault in refused.value.errors()]
    assert not any("anna" in text for text in told)


def test_what_is_printed_holds_no_personal_data():
    known = contact(email="anna@shop.test", phone="+442079460958", name="Anna")
    profile = Profile(store_id="shop", customer_id="c-1", version=3, updated_at=NOON, contact=known)
    event = profile.event(moment().new_id())
    assert (event.email, event.phone, event.name, event.profile_version) == (
        "anna@shop.test",
        "+442079460958",
        "Anna",
        3,
    )
    for printed in (repr(known), repr(profile), repr(event)):
        assert not any(secret in printed for secret in ("anna@", "+44", "Anna"))
    assert "consent" not in repr(profile), "nor what somebody has agreed to"


def test_the_document_says_how_long_what_reaches_a_customer_may_be():
    said = Contact.model_json_schema()["properties"]
    longest = {name: said[name]["anyOf"][0]["maxLength"] for name in ("email", "phone", "timezone")}
    assert longest == {"email": 254, "phone": 32, "timezone": 64}


@pytest.mark.parametrize(("asked", "told"), [((), None), (("email", "sms"), ("email", "sms"))])
def test_which_channels_wait_for_an_answer_is_told_where_some_do(asked: tuple[str, ...], told: tuple[str, ...] | None):
    known = Profile(store_id="shop", customer_id="anna", version=1, updated_at=NOON, contact=contact())
    assert known.event(UUID(int=0), asked).unconfirmed == told
