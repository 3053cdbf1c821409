"""Texts of others on one line, as long as there is room for. Pure."""

JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


READ_MOST = 10_000
"""Characters of a text that somebody shortens: whoever sends a megabyte costs no more."""


def one_line(text: str) -> str:
    """Text without line breaks and other control characters, so that it may stand in a header.

    Joiners stay: Persian and Indic words, and many emoji, are spelled with them.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() or c in JOINERS else " " for c in text)
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """At most `most` characters of one line, cut at a word where one ends near."""
    line = one_line(text[:READ_MOST])
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space >= most // 2 else cut).rstrip(" ,;:-") + "…"
