"""Whether products should come again and again, in words. Pure."""

from collections.abc import Sequence

from services.notifier.domain.snapshot import SnapshotLine
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.phrases import UnknownPhraseError, Wording
from services.notifier.rendering.text import one_line, shortened

TITLE_MOST = 60


def how_often(every: str, words: Wording) -> str:
    """`2 weeks`, as a store says it, in a language: "alle 2 Wochen"; empty where a language of its own has no words."""
    number, _, unit = every.rpartition(" ")
    try:
        return words.say(f"common.every_{unit}", {}, int(number) if number else None)
    except UnknownPhraseError:
        return ""


def titles(lines: Sequence[SnapshotLine]) -> str:
    """What several products are called, one after the other, each once."""
    called = (shortened(line.title, TITLE_MOST) or one_line(line.sku) for line in lines)
    return ", ".join(dict.fromkeys(called))


def question(draft: Draft, words: Wording) -> dict[str, str]:
    """The question whether its products should come again, and where that is answered; empty where nobody asks."""
    products = draft.products_again
    if not products:
        return {"monthly": "", "monthly_url": ""}
    facts = {"title": titles(products), "every": how_often(draft.store.repeat_every, words)}
    return {"monthly": words.say("common.monthly", facts), "monthly_url": draft.monthly_url}
