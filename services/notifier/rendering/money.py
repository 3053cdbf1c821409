"""Amounts as messages write them. Pure."""

from copy import copy

from babel import Locale

from libs.money.currencies import decimal_of, exponent


def money(minor: int, currency: str | None, locale: Locale) -> str:
    """An amount in minor units as this locale writes it, for instance `1.234,50 €`; empty without a currency.

    Minor units are those of ISO 4217, as the cart counts them: CLDR drops the ones that nobody uses in cash.
    """
    if currency is None:
        return ""
    digits = exponent(currency)
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    written: str = pattern.apply(decimal_of(minor, currency), locale, currency=currency, currency_digits=False)
    return written
