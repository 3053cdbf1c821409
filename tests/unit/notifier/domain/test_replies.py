"""What people write back, and what they mean by it."""
# ruff: noqa: RUF001 - Cyrillic is meant

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import services.notifier
from services.notifier.domain.replies import due_on, meaning
from services.notifier.rendering.phrases import Wordings
from tests.unit.notifier.languages import LANGUAGES

TEMPLATES = Path(services.notifier.__file__).parent / "templates"


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "Stop!!!",
        "Stop. Thank you",
        "please STOP",
        "STOP STOP",
        "Unsubscribe",
        "opt out",
        "Opt-Out please",
        "STOP ALL",
        "QUIT",
        "revoke",
        "ＳＴＯＰ",
        "СТОП",
        "Stopp bitte",
        "Rezygnuję, dziękuję",
        "stop 🙏",
        "opt  out",
        "opt\nout",
        "Отказ",
        "отпишите меня, пожалуйста",
        "wypisz mnie",
        "rezygnuje",
        "Remove me!",
        "no más",
        "no mas",
        "Odjavi me",
        "Одјавите ме, хвала",
        "Abmeldung",
        "arrêt",
        "Désabonnement, merci",
        "désinscrivez-moi s'il vous plaît",
        "ne plus recevoir",
        "BAJA",
        "Darme de baja, por favor",
        "dame de baja gracias",
        "no enviar más",
        "Disiscrivimi, grazie",
        "basta",
        "cancellami per favore",
        "Odhlásit, prosím",
        "odhlaste mě",
        "zrušit odběr",
        "Відписатися",
        "відпишіть мене, будь ласка",
        "не пишіть мені",
        "відмова",
    ],
)
def test_a_keyword_with_courtesies_opts_out(text):
    assert meaning(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "We have got to STOP this bill",
        "stop by tomorrow?",
        "don't stop",
        "please cancel my order 123",
        "in the end it fits",
        "STOP or HELP",
        "please remove me from this list at once",
        "Leave me alone!!",
        "don't text me ever again",
        "Ich möchte keine Nachrichten mehr bekommen",
        "Bitte löschen Sie meine Nummer",
        "proszę więcej do mnie nie pisać, rezygnuję z tego",
        "nie chcę tych SMS",
        "больше не пишите мне сюда",
        "хватит уже",
        "не желим више поруке",
        "ne želim više poruke",
        "ya no quiero mensajes",
        "je ne veux plus de SMS",
        "arrêtez de m'écrire",
        "dejen de escribirme",
        "non voglio più messaggi",
        "non mandatemi più niente",
        "už mi neposílejte zprávy",
        "nechci další zprávy",
        "більше не надсилайте",
        "припиніть це",
        "START or STOP",
    ],
)
def test_a_keyword_among_other_words_is_for_a_person(text):
    assert meaning(text) == "unclear"


@pytest.mark.parametrize(
    "text", ["START", "start please", "Unstop", "start unstop subscribe старт", "START s'il vous plaît"]
)
def test_start_brings_them_back(text):
    assert meaning(text) == "start"


@pytest.mark.parametrize("text", ["HELP", "help?", "Info", "Hilfe!", "Aide", "ayuda", "aiuto", "Pomoc", "допомога"])
def test_help_is_help(text):
    assert meaning(text) == "help"


@pytest.mark.parametrize(
    "text", ["", "thanks", "Is the mug blue?", "nonstop", "stopping by", "🙂", "yes", "a day at the spa", "remote"]
)
def test_anything_else_asks_for_nothing(text):
    assert meaning(text) == "other"


def told(language: str) -> set[str]:
    """What people are told to reply: words in capitals, what stands before a colon ("Отказ: …"), and what the page
    behind the link calls it.
    """
    words, facts = Wordings(TEMPLATES).choose(language, "en"), {"store": "Nordwind", "unsubscribe_url": "/u/x"}
    texts = [
        re.sub(r"^Nordwind\s?: ", "", words.say(path, facts)) for path in ("sms.help", "sms.stop", "sms.stop_link")
    ]
    found = {word for text in texts for word in re.findall(r"\b[A-Z]{3,}\b", text)}
    found |= {head for text in texts for head in re.findall(r"(?:^|[.] )([^.:]+):", text)}
    return found | {words.say(path, facts) for path in ("page.title", "page.button")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_text_of_ours_tells_people_to_reply_opts_out(language: str):
    """Russian texts said "Отказ: ответьте STOP", and "Отказ" did nothing."""
    asked = told(language)
    assert len(asked) >= 2
    assert {word: meaning(word) for word in asked} == dict.fromkeys(asked, "stop")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_text_message_of_ours_tells_people_to_reply(language: str):
    """Or else the test above would have to know of it."""
    messages: dict[str, object] = Wordings(TEMPLATES).choose(language, "en").phrases["sms"]
    others = [str(text) for name, text in messages.items() if name not in ("help", "stop", "stop_link")]
    assert [text for text in others if re.search(r"\b[A-Z]{3,}\b", text)] == []


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-27T12:00:00Z", "2026-12-11"),  # a Friday
        ("2026-11-28T12:00:00Z", "2026-12-11"),
        ("2026-11-29T12:00:00Z", "2026-12-11"),
        ("2026-11-29T23:30:00Z", "2026-12-14"),  # Monday in Warsaw
    ],
)
def test_an_unclear_reply_is_due_in_ten_business_days(received: str, due: str):
    assert due_on(datetime.fromisoformat(received).astimezone(UTC), ZoneInfo("Europe/Warsaw")) == date.fromisoformat(
        due
    )


def test_two_thousand_characters_of_a_reply_are_read():
    assert meaning("a " * 998 + "stop") == "unclear"
    assert meaning("a " * 998 + " stop") == "other"


OF_LANGUAGES = {
    "cs": ("Odhlásit", "Pomoc", "už mi neposílejte nic, jinak STOP"),
    "de": ("Abmelden", "Hilfe", "ich will nicht mehr, Stopp den Unsinn"),
    "en": ("Stop all", "Help", "please stop this nonsense at once"),
    "es": ("Darme de baja", "Ayuda", "no quiero recibir esto nunca"),
    "fr": ("Désabonnement", "Aide", "je ne veux plus de tout ça"),
    "it": ("Disiscrizione", "Aiuto", "non voglio ricevere questa roba"),
    "pl": ("Wypisz mnie", "Pomoc", "nie chcę tego dostawać"),
    "ru": ("Отписаться", "Помощь", "больше не присылайте мне это"),
    "sr": ("Одјава", "Помоћ", "не желим ово да добијам"),
    "sr-Latn": ("Odjava", "Pomoć", "ne želim ovo da dobijam"),
    "uk": ("Відписатися", "Допомога", "більше не надсилайте мені це"),
}


def test_every_shipped_language_has_its_words():
    assert {language.partition("-")[0] for language in OF_LANGUAGES} == {
        path.stem for path in (Path(services.notifier.__file__).parent / "templates/wording").glob("*.toml")
    }


@pytest.mark.parametrize("language", OF_LANGUAGES)
def test_stop_start_and_help_are_understood_in_every_language_and_what_may_mean_it_is_for_a_person(language: str):
    stop, help_, perhaps = OF_LANGUAGES[language]
    for written in (stop, stop.upper(), f" {stop.lower()}! "):
        assert meaning(written) == "stop"
    assert [meaning(word) for word in (help_, "START", "STOP", perhaps)] == ["help", "start", "stop", "unclear"]
