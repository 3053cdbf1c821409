"""From the last look to the words: what stands in a message. Pure, given the templates."""

from typing import Any

from babel import Locale

from services.notifier.domain.gsm import economical
from services.notifier.domain.kinds.monthly_confirmation import KIND as AGAIN
from services.notifier.domain.kinds.registry import kind_of
from services.notifier.domain.snapshot import SnapshotLine
from services.notifier.rendering.again import how_often, question, titles
from services.notifier.rendering.colours import readable_on
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.foot import foot
from services.notifier.rendering.money import counted, money
from services.notifier.rendering.offers import facts_of, habits, offer
from services.notifier.rendering.phrases import Wording
from services.notifier.rendering.templates import Letter
from services.notifier.rendering.text import one_line, shortened

MOST_LINES = 6
TITLE_IN_SUBJECT = 60
TITLE_IN_SMS = 36
TITLE_IN_ROW, OPTIONS_IN_ROW = 300, 600
"""What carts take: nothing else may push the way out over the 102 kB that Gmail shows."""
FILLER = "\N{COMBINING GRAPHEME JOINER}\N{ZERO WIDTH NON-JOINER}\N{NO-BREAK SPACE}" * 100
"""Stands after the preheader, so that inboxes do not go on with the first lines of the letter."""


def compose_letter(draft: Draft) -> Letter:
    """The e-mail for a reminder as things stand in its snapshot.

    Raises `UnknownTemplateError` where the campaign names a template that nobody has, `MissingVariableError` where
    words or looks name what is not known of this message, `BrokenTemplateError` where they can't be filled otherwise.
    """
    words, section = draft.wording()
    values = _values(draft, words, section) | _ways_out(draft) | question(draft, words)
    subject = one_line(draft.mark + words.say(f"{section}.subject", values, draft.counted))
    template, kind = draft.reminder.template, draft.reminder.kind
    letter = draft.templates.letter(template, kind, values | {"subject": subject}, subject, words.tag)
    return draft.copy.of_letter(letter, draft)


def compose_text(draft: Draft) -> str:
    """The text message, with the way back and the way out. Raises as `compose_letter`."""
    words, section = draft.wording()
    values = _told(draft, words, TITLE_IN_SMS)
    facts = facts_of(draft.reminder, draft.contact, draft.store, words)
    values |= facts
    stop = "sms.stop" if draft.takes_replies else "sms.stop_link"
    message = words.say(f"sms.{section}", values, draft.counted)
    silent = draft.transactional or (draft.asks and not draft.takes_replies)
    ends = "" if silent else words.say(stop, values)
    filled = {**values, "message": message, "stop": ends, "code": offer(draft.reminder, words, "sms", facts)}
    text = draft.mark + draft.templates.line(draft.reminder.template, filled)
    return draft.copy.of_text(economical(text) if draft.paid_by_segment else text, draft)


def filling(draft: Draft) -> dict[str, str]:
    """What somebody else's template may be filled with; empty where it is not known. Raises as `compose_letter`."""
    words, lines = draft.wording()[0], draft.lines
    total = money(sum(line.total for line in lines), draft.currency, words.locale) if lines else ""
    told = {"name": one_line(draft.contact.name or ""), "total": total, "count": counted(draft.counted, words.locale)}
    told |= facts_of(draft.reminder, draft.contact, draft.store, words)
    return {**_told(draft, words, TITLE_IN_SUBJECT), **told}


def _told(draft: Draft, words: Wording, most: int) -> dict[str, str]:
    return {
        **(draft.reminder.variables or {}),
        "store": draft.store.name,
        "title": _title(draft, most),
        "and_more": _and_more(draft, words),
        **draft.amounts(words.locale),
        **_again(draft, words),
        "units_left": draft.units_left,
        "order_id": one_line(draft.reminder.order_id or ""),
        "url": (draft.short_url if draft.reminder.cart_id else None) or draft.leads_to,
        "unsubscribe_url": draft.unsubscribe_url,
    }


def _values(draft: Draft, words: Wording, section: str) -> dict[str, object]:
    currency, store, n = draft.currency, draft.store, draft.counted
    # whose address it is nobody knows yet: whoever left it must not choose what a stranger reads
    name = "" if draft.asks else one_line(draft.contact.name or "")
    kind = kind_of(draft.reminder)
    items = draft.items
    places = {sku: place for place, sku in enumerate(items)}
    lines = sorted(draft.lines, key=lambda line: places.get(line.sku, len(places)))
    shown = lines if len(lines) <= MOST_LINES else lines[: MOST_LINES - 1]
    title = _title(draft, TITLE_IN_SUBJECT)
    facts = {**(draft.reminder.variables or {}), "store": store.name, "name": name, "title": title, "first": title}
    facts |= facts_of(draft.reminder, draft.contact, store, words, letter=True)
    facts |= {"and_more": _and_more(draft, words), "order_id": one_line(draft.reminder.order_id or "")}
    facts |= draft.amounts(words.locale) | {"units_left": draft.units_left} | _again(draft, words)
    each = items.items() if kind.left and len(items) > 1 else ()
    left = {sku: words.say(kind.left or "", facts, units) for sku, units in each}
    said = {part: words.say(f"{section}.{part}", facts, n) for part in ("preheader", "heading", "body", "button")}
    return {
        **facts,
        **foot(kind, words, facts),
        **habits(draft.reminder),
        **said,
        "lang": words.tag,
        "badge": words.say(kind.badge, facts, n) if kind.badge and not left else "",
        "greeting": words.say("common.greeting_named" if name else "common.greeting", facts),
        "rows": [_row(line, draft, currency, words.locale) | {"left": left.get(line.sku, "")} for line in shown],
        "more": words.say("common.more", facts, len(lines) - len(shown)) if len(shown) < len(lines) else "",
        "total_label": words.say("common.total", facts),
        "total": money(sum(line.total for line in lines), currency, words.locale) if lines else "",
        "coupon": offer(draft.reminder, words, "common", facts),
        "coupon_code": draft.reminder.coupon or "",
        "recovery_url": draft.leads_to,
        "accent": store.accent,
        "on_accent": readable_on(store.accent),
        "filler": FILLER,
        "logo_url": store.logo_url,
        "postal_address": store.postal_address,
    }


def _ways_out(draft: Draft) -> dict[str, str]:
    return {"unsubscribe_url": draft.unsubscribe_url, "preferences_url": draft.preferences_url}


def _again(draft: Draft, words: Wording) -> dict[str, str]:
    """How often what it asks for would come, where it asks for the yes to that."""
    return {"every": how_often(draft.store.repeat_every, words)} if draft.reminder.kind == AGAIN else {}


def _title(draft: Draft, most: int) -> str:
    """Of the item that it is about, or of the first that it shows, its sku where that is blank; empty without any. Of
    all where it asks for the yes to them.
    """
    if draft.reminder.kind == AGAIN:
        return shortened(titles(draft.lines), most)
    if draft.watched is not None:
        return shortened(draft.watched.called, most) or one_line(draft.watched.sku)
    lines, sku = draft.lines, next(iter(draft.items), draft.reminder.sku)
    first = next((line for line in lines if line.sku == sku), lines[0] if lines else None)
    return shortened(first.title, most) or one_line(first.sku) if first else ""


def _and_more(draft: Draft, words: Wording) -> str:
    """Of how many items besides the first it tells, in words; nothing where there are none."""
    others = len(draft.items) - 1
    return words.say("common.more", {}, others) if others > 0 else ""


def _row(line: SnapshotLine, draft: Draft, currency: str | None, locale: Locale) -> dict[str, Any]:
    title = shortened(line.title, TITLE_IN_ROW) or shortened(line.sku, TITLE_IN_ROW)
    return {
        "title": title,
        "initial": next((c.upper() for c in title if c.isalnum()), "·"),
        "options": shortened(", ".join(f"{k}: {v}" for k, v in line.options.items()), OPTIONS_IN_ROW),
        # of what is in no cart there is neither a number nor a price
        "quantity": counted(line.quantity, locale) if currency or line.quantity > 1 else "",
        "price": money(line.price, currency, locale),
        "total": money(line.total, currency, locale),
        "image_url": draft.store.link(line.image_url),
        "url": draft.link(line.url),
    }
