"""Currencies and their minor units, one table for every service: ISO 4217 as its maintenance agency publishes it."""

from decimal import Decimal

from iso4217 import Currency as _Listed

FUNDS = frozenset(["BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD"])
"""Units of account that stand in the standard and that nobody pays a shop with."""
WITHDRAWN = {"BGN": 2}
"""Left the standard since carts were kept in them: what is kept stays readable."""

EXPONENTS = WITHDRAWN | {
    one.code: one.exponent for one in _Listed if one.exponent is not None and one.code not in FUNDS
}
"""Digits of an amount in minor units that stand behind the point, by code; metals and testing codes have none."""
CODES = frozenset(EXPONENTS)


def exponent(code: str | None) -> int | None:
    """How many digits of an amount in minor units stand behind the point: 2 for most, None for no currency.

    Raises `KeyError` for a code that is not in `CODES`.
    """
    return None if code is None else EXPONENTS[code]


def decimal_of(minor: int, code: str) -> Decimal:
    """An amount in minor units as a decimal number: 129900 RSD are 1299.00. Raises `KeyError` for an unknown code."""
    return Decimal(minor).scaleb(-EXPONENTS[code])
