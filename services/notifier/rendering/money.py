"""Amounts as messages write them. Pure."""

from copy import copy
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import NumberPattern, format_decimal

from libs.money.currencies import decimal_of, exponent

REMEMBERED = 4096
"""So many amounts and numbers are kept as they are written: prices of a shop come again and again."""


@lru_cache(maxsize=REMEMBERED)
def money(minor: int, currency: str | None, locale: Locale) -> str:
    """An amount in minor units as this locale writes it, for instance `1.234,50 €`; empty without a currency.

    Minor units are those of ISO 4217, as the cart counts them: CLDR drops the ones that nobody uses in cash.
    """
    if currency is None:
        return ""
    pattern, amount = _pattern(currency, locale), decimal_of(minor, currency)
    written: str = pattern.apply(amount, locale, currency=currency, currency_digits=False)
    return written


@lru_cache(maxsize=256)
def _pattern(currency: str, locale: Locale) -> Any:  # noqa: ANN401 - babel says too little of it
    digits = exponent(currency)
    standard: NumberPattern = locale.currency_formats["standard"]
    pattern: Any = copy(standard)
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=REMEMBERED)
def counted(number: int, locale: Locale) -> str:
    """A number as this locale writes it."""
    return format_decimal(number, locale=locale)
