"""How many parts a text message is sent and charged as (3GPP TS 23.038, 23.040). Pure."""

from decimal import Decimal

from services.notifier.domain.gsm import extended, fits_gsm

ALONE, JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67


def count_segments(text: str) -> int:
    """At least 1: a GSM text has 160 characters, or 153 a part; any other character makes it UCS-2 with 70, or 67."""
    if fits_gsm(text):
        units, alone, joined = [2 if extended(char) else 1 for char in text], ALONE, JOINED
    else:
        units, alone, joined = [2 if ord(char) > 0xFFFF else 1 for char in text], UCS2_ALONE, UCS2_JOINED
    return 1 if sum(units) <= alone else _packed(units, joined)


def price_of(segments: int, segment_price: str) -> str:
    """What they cost, exactly, with as many decimals as the price of one has."""
    return f"{segments * Decimal(segment_price):f}"


def _packed(units: list[int], most: int) -> int:
    """What takes two units, an escape or a surrogate pair, does not stand in two parts: the rest of one stays empty."""
    parts, used = 1, 0
    for size in units:
        if used + size > most:
            parts, used = parts + 1, 0
        used += size
    return parts
