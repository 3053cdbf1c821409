"""Text messages by the alphabet they need (3GPP TS 23.038): GSM 7 bit has 160 characters a segment, UCS-2 has 70."""

import re
import unicodedata

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "^{}\\[~]|€"  # two septets each

_PLAIN = str.maketrans(
    {
        "ł": "l",
        "Ł": "L",
        "đ": "dj",
        "Đ": "Dj",
        "œ": "oe",
        "Œ": "Oe",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{MULTIPLICATION SIGN}": "x",
    }
    | dict.fromkeys("\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}", "-")
    | dict.fromkeys("\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}", "'")
    | dict.fromkeys(
        "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}«»", '"'
    )
    | dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", " ")
)

_WORD_OR_SIGN = re.compile(r"[^\W\d_]+|[\W\d_]")


def fits_gsm(text: str) -> bool:
    """Whether the text can be sent in GSM 7 bit."""
    return all(c in _BASIC or c in _EXTENDED for c in text)


def extended(char: str) -> bool:
    """Whether a character of GSM 7 bit takes two septets."""
    return char in _EXTENDED


def economical(text: str) -> str:
    """The text without its diacritics and typographic signs where that alone keeps it in GSM 7 bit, else as it is.

    Polish, Czech and Serbian in Latin script are read without diacritics in text messages everywhere, at half the
    segments, and French, Spanish and Italian lose the few that GSM lacks (ç, ê, á, í, ó, ú); words that it can write
    (für, déjà, mañana) stay, and Cyrillic is sent as it is. A word goes as a whole: half of its diacritics read worse
    than none.
    """
    folded = _WORD_OR_SIGN.sub(lambda found: found[0] if fits_gsm(found[0]) else _fold(found[0]), text)
    return folded if fits_gsm(folded) else text


def _fold(text: str) -> str:
    plain = text.translate(_PLAIN)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
