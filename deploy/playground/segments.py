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
        units, alone, joined = len(text) + sum(character in _EXTENDED for character in text), 160, 153
    else:
        units, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)
