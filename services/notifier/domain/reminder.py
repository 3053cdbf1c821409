"""What a delivery is made of: the reminder that was asked for and the person whom it is for."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from libs.contracts.events import CampaignKind, Channel, CouponFrom, Handle, LowItem, OrderPlaced

COPIES_MOST = 2
"""`at_least_once` repeats what may have been sent once, and never again."""

State = Literal["pending", "sending", "sent", "cancelled", "expired", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Reminder:
    """A row of `deliveries` as its holder sees it; `failures` counts the attempts that failed for a passing reason,
    `copies` those after which the provider may have the message.

    It is about a cart, an order (`order_id`), an item (`sku`), or nothing but its customer; `cart_version` goes with a
    cart. `quiet_since` is since when its cart is quiet, where it is about a quiet cart. `also_low` ran low with `sku`,
    or is to come again with it.
    `channels` are all by which it may go, the preferred one first, where there are several; `channel` is the one by
    which it is to go as things stand. `exit_on` is what ends it although the goods are as they were; None is any order.
    `price` is what `sku` costs, in minor units of the cart's currency, where it is about that. `viewed` are the goods
    that its customer looked at, by sku, the newest first, where it is about those. `sending_at` is when it was begun
    to be sent the last time. Of a pool (`coupon_from`), `coupon` is the code once it is reserved, which counts until
    `coupon_until`. `times_abandoned` is how often its customer has left a cart before, None where
    nobody has counted. `variables` are what a shop that has handed it over says beside what is known.
    """

    reminder_id: UUID
    store_id: str
    customer_id: str
    campaign: str
    kind: CampaignKind
    step: int
    channel: Channel
    template: str
    cart_id: UUID | None
    cart_version: int | None
    sku: str | None
    threshold: int | None
    quiet_since: datetime | None
    due_at: datetime
    expires_at: datetime
    variant: str | None
    coupon: str | None
    state: State
    reason: str | None
    failures: int
    received_at: datetime
    lease_token: UUID
    copies: int
    also_low: tuple[LowItem, ...] = ()
    exit_on: tuple[str, ...] | None = None
    order_id: str | None = None
    price: int | None = None
    channels: tuple[Channel, ...] = ()
    viewed: tuple[str, ...] = ()
    sending_at: datetime | None = None
    coupon_from: CouponFrom | None = None
    coupon_until: datetime | None = None
    times_abandoned: int | None = None
    variables: Mapping[str, str] | None = None

    @property
    def further_channels(self) -> tuple[Channel, ...]:
        """The channels that come after its own in order of preference; none of what may have gone out by its own."""
        if self.interrupted or self.channel not in self.channels:
            return ()
        return self.channels[self.channels.index(self.channel) + 1 :]

    @property
    def ended_by_order(self) -> bool:
        """Whether whatever the customer orders ends it."""
        return self.exit_on is None or OrderPlaced.type in self.exit_on

    @property
    def interrupted(self) -> bool:
        """An earlier holder vanished while it was sending: the provider may have the message."""
        return self.state == "sending"


@dataclass(frozen=True, slots=True)
class Contact:
    """How a customer may be reached. Never logged: its fields are left out of `repr`.

    `pixel_consent` is whether they let it be counted that they open letters; None: they said nothing of it. `country`
    and `region` are their address's, as in ISO 3166.
    """

    version: int
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    name: str | None = field(repr=False)
    locale: str
    timezone: str | None
    email_consent: bool
    sms_consent: bool
    _: KW_ONLY
    handles: Mapping[str, Handle] = field(default_factory=dict, repr=False)
    pixel_consent: bool | None = None
    country: str | None = field(default=None, repr=False)
    region: str | None = field(default=None, repr=False)

    def address(self, channel: Channel) -> str | None:
        """Where a channel reaches them: e-mail by the address, texts by the E.164 number, others by a handle."""
        if channel in ("email", "sms"):
            return self.email if channel == "email" else self.phone
        known = self.handles.get(channel)
        return known.handle if known else None

    def consents(self, channel: Channel) -> bool:
        """Whether marketing on this channel was agreed to: consent to one channel is none to another."""
        if channel in ("email", "sms"):
            return self.email_consent if channel == "email" else self.sms_consent
        known = self.handles.get(channel)
        return known is not None and known.consent


@dataclass(frozen=True, slots=True)
class RecipientState:
    """What the notifier knows of a recipient at one moment: of an address, whichever customers have it.

    `suppressed` is why this channel is closed to them, if it is. `last_sent_at` is when this channel was last used for
    this customer or address, `episode_sent` whether this cart's episode already had a message on this channel.
    `timezone` is what was told last of where the address is, and so are `country` and `region`. `newer_cart` is whether
    a reminder of a cart that went quiet later waits for the address, or waited while this one did. So often (`asked`)
    was the address asked lately whether it wants to be reminded, `asked_at` the last time. `paused` is whether somebody
    holds such messages back.
    `declined` is whether they want none of this purpose on this channel; until `rests_until` they want none at all.
    """

    contact: Contact | None
    suppressed: str | None = None
    last_sent_at: datetime | None = None
    episode_sent: bool = False
    timezone: str | None = None
    country: str | None = None
    region: str | None = None
    newer_cart: bool = False
    asked_at: datetime | None = None
    asked: int = 0
    paused: bool = False
    declined: bool = False
    rests_until: datetime | None = None
