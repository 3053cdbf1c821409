"""What one message is made of, and what may be asked of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from babel import Locale

from libs.contracts.utm_rules import UTM_FACTS
from services.notifier.domain.coupons import with_coupon
from services.notifier.domain.kinds.monthly_confirmation import ASKED_WITH, products_of
from services.notifier.domain.kinds.registry import kind_of
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, WatchedItem
from services.notifier.domain.store import Store
from services.notifier.domain.utm import with_utm
from services.notifier.rendering.copies import Copy
from services.notifier.rendering.money import money
from services.notifier.rendering.phrases import Wording
from services.notifier.rendering.templates import Templates


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a message is made of; `now` dates it, `short_url` is where it leads, `bounce_key` the way of bounces.

    `preferences_url` is where whom it is for chooses what comes, `hidden_url` where no person goes, `pixel_url` the
    picture by which a letter that was opened is counted, empty where it is not, `monthly_url` where they say that they
    would like to have its product every month. `copy` remembers what is written of it.
    `mark` begins the subject, or a text.
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
    hidden_url: str = ""
    pixel_url: str = ""
    monthly_url: str = ""
    mark: str = ""
    copy: Copy = field(default_factory=Copy, compare=False, repr=False)

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
        if kind_of(self.reminder).link != "cart":
            return self.short_url or ""
        url, code = kind_of(self.reminder).leads_to(self.reminder, self.snapshot), self.reminder.coupon
        if self.counts_clicks and url == self.snapshot.recovery_url:
            return self.short_url or ""
        return self._with_utm(with_coupon(url, code) if code else url)

    def link(self, url: str | None) -> str | None:
        """A link to goods, where it leads to the store; None elsewhere."""
        home = self.store.link(url)
        return self._with_utm(home) if home is not None else None

    def _with_utm(self, url: str) -> str:
        reminder = self.reminder
        return with_utm(url, self.store, {name: getattr(reminder, name) for name in UTM_FACTS})

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
    def products_again(self) -> tuple[SnapshotLine, ...]:
        """The products of which it asks whether they should come again; none where it asks nothing."""
        asks = self.store.ask_monthly is True and self.reminder.kind == ASKED_WITH and self.reminder.channel == "email"
        return products_of(self.snapshot.order, self.store.repeat_products) if asks and self.monthly_url else ()

    @property
    def takes_replies(self) -> bool:
        """Whether whoever gets it can answer STOP: in a chat always, to a text not where its sender is a word."""
        return self.reminder.channel != "sms" or self.store.takes_replies

    @property
    def paid_by_segment(self) -> bool:
        """Whether its letters decide what it costs: a chat takes any for nothing."""
        return self.reminder.channel == "sms"

    @property
    def counts_clicks(self) -> bool:
        """Whether it is a letter that leads to its cart by a link of ours, which adds coupon and UTM parameters."""
        of_a_cart = self.reminder.cart_id is not None and self.short_url is not None and not self.asks
        return self.store.count_clicks is True and self.reminder.channel == "email" and of_a_cart

    @property
    def link_token(self) -> str | None:
        """What its short link ends in, where it leads back to a cart, or to a yes."""
        leads = self.short_url if self.reminder.cart_id or self.asks else None
        return leads.rpartition("/")[2] if leads else None

    @property
    def units_left(self) -> str:
        """How many units the shop has of the first item that it is about; empty where nobody knows, or of none."""
        left = self.snapshot.units_left(next(iter(self.items), ""))
        return "" if left is None else str(left)

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
