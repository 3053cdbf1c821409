"""What a customer's text message asks for. Pure.

A keyword asks for something only where it is the whole reply, courtesies and punctuation aside: "Stop. Thank you" opts
out, "We have got to STOP this bill" does not. A reply that holds a keyword, or wording of people who want no more
messages, among other words is unclear: a person reads it within ten business days (47 CFR 64.1200(a)(10) counts any
reasonable wording as a revocation). Case, accents, blanks and punctuation make no difference.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Meaning = Literal["stop", "start", "help", "unclear", "other"]
Read = Literal["stop", "other"]
"""What a person can read in an unclear reply: whoever wrote wants no more messages, or something else."""

DUE_IN_BUSINESS_DAYS: Final = 10
_SATURDAY: Final = 5

# 47 CFR 64.1200(a)(10), the defaults of SMS providers, what our own messages make people of other languages write (a
# test holds every language's texts against it), and what people write who were told nothing
STOP: Final = frozenset(
    [
        *("stop", "stopall", "stop all", "unsubscribe", "unsubscribe me", "cancel", "end", "quit", "revoke"),
        *("optout", "opt out", "opt me out", "remove me", "take me off", "stop texting me", "no more texts"),
        *("stopp", "abmelden", "abmeldung", "abbestellen", "keine sms mehr", "keine nachrichten mehr"),
        *("rezygnuję", "rezygnacja", "rezygnuję z przypomnień", "wypisz mnie", "wypiszcie mnie", "proszę mnie wypisać"),
        *("стоп", "отказ", "отписаться", "отписка", "отпишите меня", "отпиши меня", "отпишите", "не пишите мне"),
        *("одјава", "одјаву", "odjavu", "одјави ме", "одјавите ме", "odjava", "odjavi me", "odjavite me"),
        *(
            "arrêt",
            "arrêter",
            "arrêtez",
            "désabonnement",
            "désabonner",
            "me désabonner",
            "désabonnez moi",
            "désinscription",
        ),
        *("me désinscrire", "désinscrivez moi", "ne plus recevoir", "ne plus recevoir de rappels", "plus de sms"),
        *("no más", "alto", "baja", "darse de baja", "darme de baja", "dame de baja", "dar de baja", "denme de baja"),
        *("no enviar más", "no más mensajes", "parar", "cancelar suscripción"),
        *("disiscrizione", "disiscrivimi", "disiscrivermi", "cancellami", "cancellatemi", "basta", "basta sms"),
        *("odhlášení", "odhlásit", "odhlásit se", "odhlaste mě", "odhlaš mě", "zrušit odběr", "neposílat"),
        *("відписка", "відписатися", "відписатись", "відпишіть мене", "відпиши мене", "відпишіть", "відмова"),
        *("не пишіть мені", "не надсилайте", "не надсилати"),
    ]
)
START: Final = frozenset(["start", "unstop", "subscribe", "старт"])
HELP: Final = frozenset(
    ["help", "info", "hilfe", "pomoc", "помощь", "помоћ", "pomoć", "aide", "ayuda", "aiuto", "допомога"]
)
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
        *("svp", "s il vous plaît", "merci", "bonjour", "por favor", "gracias", "hola", "per favore", "grazie", "ciao"),
        *("prosím", "děkuji", "díky", "будь ласка", "прошу", "дякую"),
    ]
)

# Beginnings of words, and words beside each other, of people who want no more: wide, for a person reads what holds one.
_HINTS: Final = [
    *("unsub", "opt out", "remov", "delete m", "take me off", "no more", "leave me alone", "not interested"),
    *("do not text", "do not contact", "do not message", "do not send", "do not write", "don t text", "don t contact"),
    *("don t message", "don t send", "don t write", "dont text", "dont contact", "dont message", "dont send", "spam"),
    *(
        "abmeld",
        "abbestell",
        "austrag",
        "kündig",
        "lösch",
        "nicht mehr",
        "keine weiter",
        "keine nachricht",
        "keine sms",
    ),
    *("rezygn", "wypis", "usun", "nie pisz", "nie wysyl", "nie przysyl", "nie chc", "nie zycz", "koniec"),
    *(
        "отпис",
        "отпиш",
        "отказ",
        "откаж",
        "не пиш",
        "не присыл",
        "не отправл",
        "не надо",
        "не хочу",
        "больше не",
        "удал",
    ),
    *("хватит", "прекрат", "перестан", "спам", "уберите"),
    *("одјав", "не шаљ", "не желим", "престан", "доста", "обриш", "odjav", "ne salj", "ne zelim", "prestan", "dosta"),
    *("obris", "no mas", "basta", "desuscrib", "cancela", "darme de baja", "no quiero", "desabonn", "desinscri"),
    *("ne plus", "arrete", "non voglio", "disiscriv", "cancellami", "parar", "nao quero"),
    *(
        "plus de sms",
        "plus de message",
        "ne veux plus",
        "laissez moi",
        "desinscriv",
        "no envi",
        "no me envi",
        "no me escrib",
    ),
    *("dejen de", "deje de", "dejar de recibir", "borrame", "borren", "elimin", "non mand", "non invi", "non scriv"),
    *("smettete", "rimuov", "togli", "cancellate", "basta con"),
    *("odhla", "odhlas", "zrus", "nechci", "neposil", "nepis", "nezajima", "prestan", "smaz", "uz ne"),
    *("відпи", "відмов", "не надсил", "не хочу", "більше не", "досить", "припин", "видал", "годі"),
]
_BARRED: Final = str.maketrans({"ł": "l", "đ": "dj"})
_WORD: Final = re.compile(r"\w+")
_MOST = 2000


def meaning(text: str) -> Meaning:
    """What the reply asks for; `unclear` where a person has to see whether it opts out."""
    words = _words(text)
    asked = "".join(f"{word} " for word in words if word not in _COURTESIES)
    for found, keywords in _KEYWORDS:
        if keywords.fullmatch(asked) or keywords.fullmatch(_text(words)):
            return found
    return "unclear" if _UNCLEAR.search(f" {_text(words)}") else "other"


def due_on(received_at: datetime, zone: ZoneInfo) -> date:
    """Until when an unclear reply has to be honoured: ten business days after its day in the store's zone.

    No holiday is known here: the date is never too late.
    """
    day, left = received_at.astimezone(zone).date(), DUE_IN_BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def _words(text: str) -> list[str]:
    """The words without case and accents: `й` and `и` are one, on both sides of every comparison."""
    plain = unicodedata.normalize("NFKD", text[:_MOST].casefold()).translate(_BARRED)
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(bare.replace("_", " "))


def _text(words: list[str]) -> str:
    return "".join(f"{word} " for word in words)


def _only(keywords: frozenset[str]) -> re.Pattern[str]:
    """Matches one or several of the keywords and nothing else."""
    alternatives = sorted({_text(_words(keyword)) for keyword in keywords})
    return re.compile(f"(?:{'|'.join(alternatives)})+")


_COURTESIES: Final = frozenset(word for courtesy in COURTESIES for word in _words(courtesy))
_KEYWORDS: Final[tuple[tuple[Meaning, re.Pattern[str]], ...]] = (
    ("stop", _only(STOP)),
    ("start", _only(START)),
    ("help", _only(HELP)),
)
_UNCLEAR: Final = re.compile(
    "|".join(
        [f" {_text(_words(keyword))}" for keyword in sorted(STOP)] + [f" {_text(_words(hint))[:-1]}" for hint in _HINTS]
    )
)
