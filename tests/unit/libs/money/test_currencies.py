"""One table of currencies for every service: what a message prints is what the API says."""

import re
from decimal import Decimal

import pytest
from babel import Locale

from libs.money.currencies import CODES, EXPONENTS, decimal_of, exponent
from services.notifier.rendering.money import money
from tests.unit.notifier.languages import FILES

ACCEPTED = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905 - a list literal would fill the screen
)
"""Every code that carts were ever kept in. One that leaves the standard moves to `WITHDRAWN`, and out of here never."""


def test_a_code_that_was_ever_accepted_stays_readable() -> None:
    assert ACCEPTED <= CODES


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("ISK", 0), (None, None)])
def test_digits_behind_the_point_are_those_of_the_standard(code: str | None, digits: int | None) -> None:
    assert exponent(code) == digits


def test_metals_funds_and_testing_codes_are_no_money() -> None:
    assert CODES.isdisjoint({"XAD", "XAU", "XXX", "XTS", "CHE", "USN", "CLF"})
    with pytest.raises(KeyError):
        exponent("XAU")


@pytest.mark.parametrize("minor", [0, 5, 129_900, 123_456_789])
@pytest.mark.parametrize("code", sorted(CODES))
def test_what_a_message_prints_is_the_amount_that_the_api_says(code: str, minor: int) -> None:
    for language in FILES:
        printed = money(minor, code, Locale.parse(language))
        digits = re.sub(r"\D", "", printed)
        assert int(digits) == minor, printed
        assert Decimal(int(digits)).scaleb(-EXPONENTS[code]) == decimal_of(minor, code)
