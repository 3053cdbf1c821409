"""How many parts a text is sent and charged as: 3GPP TS 23.038 (the GSM alphabet) and 23.040 (joined messages)."""

from __future__ import annotations

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = set("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    """At least 1. A GSM text has 160 characters, or 153 a part; any other character makes it UCS-2 with 70, or 67."""
    if set(text) <= _BASIC | _EXTENDED:
        units, alone, joined = [2 if character in _EXTENDED else 1 for character in text], 160, 153
    else:
        units, alone, joined = [2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67
    return 1 if sum(units) <= alone else _packed(units, joined)


def _packed(units: list[int], most: int) -> int:
    """What takes two units, an escape or a surrogate pair, does not stand in two parts: the rest of one stays empty."""
    parts, used = 1, 0
    for size in units:
        if used + size > most:
            parts, used = parts + 1, 0
        used += size
    return parts
