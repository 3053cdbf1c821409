"""How stores are called, and how names of goods are spelled: two spellings of one name are one name.

Unicode writes many letters in two ways (`é` as one character, or as `e` and an accent) that nobody can tell apart, and
systems disagree on which they send: macOS and some databases take names apart. Files add blanks at the ends.
"""

from unicodedata import normalize

STORE_ID = r"^[a-z0-9][a-z0-9_-]{0,62}$"
"""What a store may be called, everywhere: in addresses, and as the name of a file."""
BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
"""What nobody sees at the ends of a name: white space, and the marks that are of no width (joiners are letters)."""


def plain_name(text: str) -> str:
    """The one spelling of a name: NFC (UAX 15), without blanks at its ends; empty where there was nothing else.

    Capitals, and blanks within a name, tell names apart.
    """
    bare = text.strip(BLANK)
    return bare if bare.isascii() else normalize("NFC", bare)
