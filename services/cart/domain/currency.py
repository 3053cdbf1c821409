"""The currencies of ISO 4217 without funds, metals and testing codes."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict
from typing_extensions import TypeAliasType

CODES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905 - a list literal would fill the screen
)


_WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def exponent(code: str | None) -> int | None:
    """How many digits of an amount in minor units stand behind the point (ISO 4217): 2 for most, None for none."""
    if code is None:
        return None
    return 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError("not a currency code of ISO 4217")
    return code


def _shown(schema: JsonDict) -> None:
    schema |= {"enum": [*sorted(CODES)], "examples": ["EUR"]}


Currency = TypeAliasType("Currency", Annotated[str, AfterValidator(_known), Field(json_schema_extra=_shown)])
"""A code of three capital letters, for instance `EUR`."""
