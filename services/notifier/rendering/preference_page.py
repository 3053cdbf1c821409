"""The page on which a recipient chooses what they get, and what it says of a change. Pure, given the words."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from services.notifier.domain.preferences import ChannelState, Preferences, Wish, masked
from services.notifier.domain.purposes import DECLINABLE
from services.notifier.domain.store import Store
from services.notifier.rendering.colours import readable_on
from services.notifier.rendering.days import whole_day
from services.notifier.rendering.phrases import UnknownPhraseError, Wording
from services.notifier.rendering.templates import SHIPPED

SECTION = "preferences_page"
_PAGES = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)


@dataclass(frozen=True, slots=True)
class Said:
    """What was done just now, by the name of its phrase, and the number of the change that may be undone."""

    phrase: str
    undo: int | None = None


def preference_page(store: Store, words: Wording, stands: Preferences, now: datetime, said: Said | None = None) -> str:
    """The page as HTML, of how things stand; addresses are masked."""
    until = stands.resting(now)
    facts = {"store": store.name, "until": whole_day(until, words.locale, store.zone) if until else ""}

    def say(name: str) -> str:
        return words.show(f"{SECTION}.{name}", facts)

    editable = any(one.editable and (stands.proven or one.wanted) for one in stands.channels)
    done = (said.phrase, said.undo if stands.proven else None) if said else ("", None)
    return _template().render(
        lang=words.tag,
        store=store.name,
        title=say("title"),
        intro=say("intro"),
        said=say(done[0]) if done[0] and done[0] != "paused" else "",
        undo=done[1],
        undo_label=say("undo"),
        paused=say("paused") if until else "",
        resume_label=say("resume") if stands.proven else "",
        channels=[_card(one, store, stands, words) for one in stands.channels],
        orders=say("transactional"),
        orders_note=say("transactional_note"),
        save_label=say("save") if editable else "",
        pause_label=say("pause") if until is None else "",
        agree_label=say("agree"),
        accent=store.accent,
        on_accent=readable_on(store.accent),
    )


def proof(store: Store, words: Wording, stands: Preferences, wish: Wish) -> str:
    """What the page said that a change is about, in the reader's language: what it asks, and each tick."""
    facts = {"store": store.name, "until": ""}
    told = [words.show(f"{SECTION}.intro", facts)]
    for one in stands.channels:
        on = wish.wanted.get(one.channel)
        if on is not None:
            marks = (f"{'☑' if name in on else '☐'} {words.show(f'{SECTION}.{name}', facts)}" for name in DECLINABLE)
            told.append(f"{_label(words, one.channel)}: {', '.join(marks)}")
    if wish.speaks_of_pause and wish.paused_until is not None:
        until = {"until": whole_day(wish.paused_until, words.locale, store.zone)}
        told.append(f"{words.show(f'{SECTION}.pause', facts)}: {words.show(f'{SECTION}.paused', facts | until)}")
    elif wish.speaks_of_pause:
        told.append(words.show(f"{SECTION}.resume", facts))
    return " | ".join(told)


def question(store: Store, words: Wording) -> str:
    """What whoever has not agreed to a channel is asked: the words that they agree to."""
    return words.show(f"{SECTION}.agree_question", {"store": store.name})


def _card(one: ChannelState, store: Store, stands: Preferences, words: Wording) -> dict[str, Any]:
    purposes = [
        {
            "name": name,
            "label": words.show(f"{SECTION}.{name}", {}),
            "note": words.show(f"{SECTION}.{name}_note", {}),
            "on": name in one.wanted,
            "editable": one.editable and (stands.proven or name in one.wanted),
        }
        for name in DECLINABLE
    ]
    return {
        "name": one.channel,
        "label": _label(words, one.channel),
        "address": masked(one.address) if one.address else "",
        "why": "" if one.agreeable else _why(one, stands, words),
        "ask": question(store, words) if one.agreeable else "",
        "editable": one.editable,
        "purposes": purposes,
    }


def _why(one: ChannelState, stands: Preferences, words: Wording) -> str:
    if one.closed is not None:
        return words.show(f"{SECTION}.{'stop' if one.closed == 'stop' else 'closed'}", {})
    if not one.agreed:
        return words.show(f"{SECTION}.not_agreed", {})
    return "" if stands.proven else words.show(f"{SECTION}.moved", {})


def _label(words: Wording, channel: str) -> str:
    """A channel of yours that has no word in this language has its own name."""
    try:
        return words.show(f"{SECTION}.{channel}", {})
    except UnknownPhraseError:
        return channel.replace("_", " ").title()


@lru_cache(maxsize=1)
def _template() -> Template:
    return _PAGES.from_string((SHIPPED / "pages" / "preferences.html.jinja").read_text(encoding="utf-8"))
