"""From the last look to the words: what stands in a message. Pure, given the templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from babel import Locale

from services.notifier.domain.coupons import with_coupon
from services.notifier.domain.gsm import economical
from services.notifier.domain.kinds.registry import kind_of
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, WatchedItem
from services.notifier.domain.store import Store
from services.notifier.rendering.colours import readable_on
from services.notifier.rendering.foot import foot
from services.notifier.rendering.money import counted, money
from services.notifier.rendering.offers import facts_of, habits, offer
from services.notifier.rendering.phrases import Wording
from services.notifier.rendering.templates import Letter, Templates
from services.notifier.rendering.text import one_line, shortened

MOST_LINES = 6
TITLE_IN_SUBJECT = 60
TITLE_IN_SMS = 36
FILLER = "\N{COMBINING GRAPHEME JOINER}\N{ZERO WIDTH NON-JOINER}\N{NO-BREAK SPACE}" * 100
"""Stands after the preheader, so that inboxes do not go on with the first lines of the letter."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a message is made of; `now` dates it, `short_url` is where it leads, `bounce_key` the way of bounces.

    `preferences_url` is where whom it is for chooses what comes.
    """

    reminder: Reminder
    contact: Contact
    snapshot: CartSnapshot
    store: Store
    templates: Templates
    unsubscribe_url: str
    now: datetime
    short_url: str | None = None
    bounce_key: str = ""
    preferences_url: str = ""

    @property
    def counted(self) -> int:
        """The number that the message tells."""
        return kind_of(self.reminder).counted(self.reminder, self.snapshot)

    def holds(self, now: CartSnapshot) -> bool:
        """Whether a message of this draft tells the truth about a later look: the goods and the figures are the same.

        The way back is made anew by every look, and an older one still leads there.
        """
        told, kind, reminder = self.snapshot, kind_of(self.reminder), self.reminder
        same = (told.cart, told.order, told.watched) == (now.cart, now.order, now.watched)
        same = same and kind.lines(reminder, told) == kind.lines(reminder, now)
        same = same and kind.counted(reminder, told) == kind.counted(reminder, now)
        same = same and self.units_left == replace(self, snapshot=now).units_left
        same = same and kind.amounts(reminder, told) == kind.amounts(reminder, now)
        return same and kind.items(reminder, told) == kind.items(reminder, now)

    @property
    def items(self) -> Mapping[str, int]:
        """The units left of each item that it is about, the first one first; none where it is about the cart."""
        return kind_of(self.reminder).items(self.reminder, self.snapshot)

    @property
    def lines(self) -> tuple[SnapshotLine, ...]:
        """The goods that it shows; none where it is about none."""
        return kind_of(self.reminder).lines(self.reminder, self.snapshot)

    @property
    def leads_to(self) -> str:
        """Where its button goes."""
        if self.asks:
            return self.short_url or ""
        url, code = kind_of(self.reminder).leads_to(self.reminder, self.snapshot), self.reminder.coupon
        return with_coupon(url, code) if code else url

    @property
    def currency(self) -> str | None:
        """Of all amounts in it."""
        return kind_of(self.reminder).currency(self.reminder, self.snapshot)

    @property
    def watched(self) -> WatchedItem | None:
        """The item that they asked to be told of, where it is about that and no cart."""
        return self.snapshot.watched if self.reminder.cart_id is None else None

    @property
    def transactional(self) -> bool:
        """Whether it tells somebody of what they ordered: nobody unsubscribes from that."""
        return kind_of(self.reminder).purpose == "transactional"

    @property
    def asks(self) -> bool:
        """Whether it asks for a yes, and nothing else."""
        return kind_of(self.reminder).purpose == "confirmation"

    @property
    def units_left(self) -> str:
        """How many units the shop has of the first item that it is about; empty where nobody knows, or of none."""
        left = self.snapshot.inventory.get(next(iter(self.items), ""))
        return "" if left is None else str(max(0, left))

    def amounts(self, locale: Locale) -> dict[str, str]:
        """The sums of money that its words name, as they are written there."""
        told = kind_of(self.reminder).amounts(self.reminder, self.snapshot)
        return {name: money(minor, self.currency, locale) for name, minor in told.items()}

    def wording(self) -> tuple[Wording, str]:
        """The words in the customer's language and the section of this template, or that for several items, for one
        that somebody asked for or has set aside, for a parcel that can be followed, or for who left a cart before.

        Raises `UnknownTemplateError`.
        """
        reminder, locale = self.reminder, self.contact.locale
        words, section = self.templates.wording(reminder.template, reminder.step, locale, self.store.locale)
        special = self._special
        return words, f"{section}_{special}" if special and words.has(f"{section}_{special}") else section

    @property
    def _special(self) -> str:
        if self.watched:
            return "watched"
        if self.items and self.reminder.cart_id is None:
            return "saved"
        if self.snapshot.tracking_url:
            return "tracked"
        if len(self.items) > 1:
            return "several"
        return "again" if self.reminder.times_abandoned else ""


def compose_letter(draft: Draft) -> Letter:
    """The e-mail for a reminder as things stand in its snapshot.

    Raises `UnknownTemplateError` where the campaign names a template that nobody has, `MissingVariableError` where
    words or looks name what is not known of this message, `BrokenTemplateError` where they can't be filled otherwise.
    """
    words, section = draft.wording()
    values = _values(draft, words, section) | _ways_out(draft)
    subject = one_line(words.say(f"{section}.subject", values, draft.counted))
    template, kind = draft.reminder.template, draft.reminder.kind
    return draft.templates.letter(template, kind, values | {"subject": subject}, subject, words.tag)


def compose_text(draft: Draft) -> str:
    """The text message, with the way back and the way out. Raises as `compose_letter`."""
    words, section = draft.wording()
    values = {
        **(draft.reminder.variables or {}),
        "store": draft.store.name,
        "title": _title(draft, TITLE_IN_SMS),
        "and_more": _and_more(draft, words),
        **draft.amounts(words.locale),
        "units_left": draft.units_left,
        "order_id": one_line(draft.reminder.order_id or ""),
        "url": (draft.short_url if draft.reminder.cart_id else None) or draft.leads_to,
        "unsubscribe_url": draft.unsubscribe_url,
    }
    facts = facts_of(draft.reminder, draft.contact, draft.store, words)
    values |= facts
    stop = "sms.stop" if draft.store.takes_replies else "sms.stop_link"
    message = words.say(f"sms.{section}", values, draft.counted)
    silent = draft.transactional or (draft.asks and not draft.store.takes_replies)
    ends = "" if silent else words.say(stop, values)
    filled = {**values, "message": message, "stop": ends, "code": offer(draft.reminder, words, "sms", facts)}
    return economical(draft.templates.line(draft.reminder.template, filled))


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
    facts |= facts_of(draft.reminder, draft.contact, store, words)
    facts |= {"and_more": _and_more(draft, words), "order_id": one_line(draft.reminder.order_id or "")}
    facts |= draft.amounts(words.locale) | {"units_left": draft.units_left}
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
        "rows": [_row(line, store, currency, words.locale) | {"left": left.get(line.sku, "")} for line in shown],
        "more": words.say("common.more", facts, len(lines) - len(shown)) if len(shown) < len(lines) else "",
        "total_label": words.say("common.total", facts),
        "total": money(sum(line.total for line in lines), currency, words.locale) if lines else "",
        "coupon": offer(draft.reminder, words, "common", facts),
        "recovery_url": draft.leads_to,
        "accent": store.accent,
        "on_accent": readable_on(store.accent),
        "filler": FILLER,
        "logo_url": store.logo_url,
        "postal_address": store.postal_address,
    }


def _ways_out(draft: Draft) -> dict[str, str]:
    return {"unsubscribe_url": draft.unsubscribe_url, "preferences_url": draft.preferences_url}


def _title(draft: Draft, most: int) -> str:
    """Of the item that it is about, or of the first that it shows, its sku where that is blank; empty without any."""
    if draft.watched is not None:
        return shortened(draft.watched.called, most) or one_line(draft.watched.sku)
    lines, sku = draft.lines, next(iter(draft.items), draft.reminder.sku)
    first = next((line for line in lines if line.sku == sku), lines[0] if lines else None)
    return shortened(first.title, most) or one_line(first.sku) if first else ""


def _and_more(draft: Draft, words: Wording) -> str:
    """Of how many items besides the first it tells, in words; nothing where there are none."""
    others = len(draft.items) - 1
    return words.say("common.more", {}, others) if others > 0 else ""


def _row(line: SnapshotLine, store: Store, currency: str | None, locale: Locale) -> dict[str, Any]:
    title = one_line(line.title) or one_line(line.sku)
    return {
        "title": title,
        "initial": next((c.upper() for c in title if c.isalnum()), "·"),
        "options": ", ".join(one_line(f"{k}: {v}") for k, v in line.options.items()),
        # of what is in no cart there is neither a number nor a price
        "quantity": counted(line.quantity, locale) if currency or line.quantity > 1 else "",
        "price": money(line.price, currency, locale),
        "total": money(line.total, currency, locale),
        "image_url": store.link(line.image_url),
        "url": store.link(line.url),
    }
