"""What a customer's text message asks for. Pure.

A keyword asks for something only where it is the whole reply, courtesies and punctuation aside: "Stop. Thank you" opts
out, "We have got to STOP this bill" does not. A reply that holds a keyword among other words is unclear: a person reads
it (47 CFR 64.1200(a)(10) counts any reasonable wording as a revocation).
"""

import re
import unicodedata
from typing import Final, Literal

Meaning = Literal["stop", "start", "help", "unclear", "other"]

# 47 CFR 64.1200(a)(10), the defaults of SMS providers, and what our own messages make people of other languages write
STOP: Final = frozenset(
    [
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "stopp",
        "abmelden",
        "rezygnuję",
        "rezygnacja",
        "отписаться",
        "одјава",
        "odjava",
        "стоп",
    ]
)
START: Final = frozenset(["start", "unstop", "subscribe", "старт"])
HELP: Final = frozenset(["help", "info", "hilfe", "pomoc", "помощь", "помоћ", "pomoć"])
COURTESIES: Final = frozenset(
    [
        "please",
        "pls",
        "plz",
        "thanks",
        "thank",
        "thx",
        "you",
        "ty",
        "kindly",
        "hi",
        "hello",
        "hey",
        "dear",
        "sorry",
        "now",
        "ok",
        "okay",
        "bitte",
        "danke",
        "proszę",
        "dziękuję",
        "dzięki",
        "hvala",
        "molim",
        "пожалуйста",
        "спасибо",
        "хвала",
        "молим",
    ]
)

_KEYWORDS: Final[tuple[tuple[Meaning, frozenset[str]], ...]] = (("stop", STOP), ("start", START), ("help", HELP))
_PAIRS: Final = {"opt out": "optout", "opt-out": "optout", "stop all": "stopall"}
_WORD: Final = re.compile(r"\w+")


def meaning(text: str) -> Meaning:
    """What the reply asks for; `unclear` where it holds a word that opts out among others."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for pair, word in _PAIRS.items():
        plain = re.sub(rf"\b{pair}\b", word, plain)
    words = set(_WORD.findall(plain))
    asked = words - COURTESIES
    for found, keywords in _KEYWORDS:
        if asked and asked <= keywords:
            return found
    return "unclear" if words & STOP else "other"
