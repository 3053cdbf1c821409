"""Whether a reminder may go out now, later or never. Pure: everything it needs is handed in."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from libs.contracts.events import Channel
from libs.policy.held_back import DECLINED, Cancel, Expire, Wait, Wanted, held_back
from libs.policy.laws import NOTHING, Demands, Laws
from libs.runtime.zones import zone_named
from services.notifier.domain.confirmation import may_ask
from services.notifier.domain.pause import PAUSED
from services.notifier.domain.reminder import Contact, RecipientState, Reminder

LOOK_EVERY = timedelta(minutes=1)
UNSUBSCRIBED = "unsubscribed"
"""Of all that closes a channel this alone is about marketing: a bounce, a complaint and STOP are about the address."""


@dataclass(frozen=True, slots=True)
class Go:
    """Nothing speaks against sending to this contact now."""

    contact: Contact


Verdict = Go | Cancel | Expire | Wait


@dataclass(frozen=True, slots=True)
class Rules:
    """A store's rules for one channel; a zero `cap` and no `quiet` hours are off.

    `quiet` is from when to when nobody is disturbed, in the recipient's zone, or in `zone` where that is not known.
    `contact_grace` is how long after its arrival a reminder waits for a contact that is still on its way.
    `once_a_cart` is whether one abandonment may have one message on this channel and no more. A `transactional` message
    needs no consent, and knows neither caps nor quiet hours; an unsubscription is one from marketing. One that `asks`
    for consent needs none either, but goes to nobody who unsubscribed, and to an address as seldom as `may_ask` says.
    `laws` say when texts may go by where their recipient is.
    """

    cap: timedelta
    quiet: tuple[time, time] | None
    zone: ZoneInfo
    contact_grace: timedelta = timedelta()
    once_a_cart: bool = False
    transactional: bool = False
    asks: bool = False
    laws: Laws | None = None

    def demands(self, contact: Contact, recipient: RecipientState, channel: Channel) -> Demands:
        """What the laws want of a message to this contact: of what goes to a telephone, and of nothing else."""
        address = contact.address(channel) or ""
        if self.laws is None or not address.startswith("+"):
            return NOTHING
        return self.laws.demands(address, recipient.timezone, recipient.country, recipient.region)


def check(reminder: Reminder, recipient: RecipientState, rules: Rules, now: datetime) -> Verdict:
    """A pause, contact, consent, suppression, what they declined, a newer cart, laws, caps, a pause of theirs, quiet
    hours, in this order; lateness first.

    What a cap or a quiet hour stops is put off within the lateness budget; where the budget ends earlier it expires
    under that reason instead of staying silent about it.
    """
    if now >= reminder.expires_at:
        return Expire(reminder.reason or "too_late")
    if recipient.paused:
        return Wait(_paused_until(reminder, now), PAUSED)
    contact = recipient.contact
    if contact is None and now < reminder.received_at + rules.contact_grace:
        return Wait(min(reminder.received_at + rules.contact_grace, reminder.expires_at), "no_contact")
    if contact is None or contact.address(reminder.channel) is None:
        return Cancel("no_contact")
    if rules.transactional:
        return Cancel("suppressed") if recipient.suppressed not in (None, UNSUBSCRIBED) else Go(contact)
    if rules.asks:
        return _may_ask(contact, recipient, now)
    unwanted = _unwanted(reminder.channel, contact, recipient)
    return Cancel(unwanted) if unwanted else _allowed_now(reminder, contact, recipient, rules, now)


def _unwanted(channel: Channel, contact: Contact, recipient: RecipientState) -> str | None:
    """Why something that needs consent is not for them, or not this one."""
    if not contact.consents(channel):
        return "no_consent"
    if recipient.suppressed is not None:
        return "suppressed"
    if recipient.declined:
        return DECLINED
    return "newer_cart" if recipient.newer_cart else None


def _paused_until(reminder: Reminder, now: datetime) -> datetime:
    """Until it expires: the end of the pause lets it go. What may be out already is not let go, and looks itself."""
    return min(now + LOOK_EVERY, reminder.expires_at) if reminder.interrupted else reminder.expires_at


def _may_ask(contact: Contact, recipient: RecipientState, now: datetime) -> Verdict:
    if recipient.suppressed is not None:
        return Cancel("suppressed")
    return Go(contact) if may_ask(recipient.asked_at, recipient.asked, now) else Cancel("asked_lately")


def _allowed_now(
    reminder: Reminder, contact: Contact, recipient: RecipientState, rules: Rules, now: datetime
) -> Verdict:
    wanted = Wanted(
        reminder.channel,
        reminder.expires_at,
        zone_named(recipient.timezone) or rules.zone,
        rules.cap,
        rules.quiet,
        rules.demands(contact, recipient, reminder.channel),
        once_a_cart=rules.once_a_cart,
        quiet_since=reminder.quiet_since,
        episode_sent=recipient.episode_sent,
        last_sent_at=recipient.last_sent_at,
        rests_until=recipient.rests_until,
    )
    return held_back(wanted, now) or Go(contact)


BACKOFF_FIRST_S = 1
BACKOFF_MOST_S = 300


def retry_at(reminder: Reminder, now: datetime, retry_after_s: float | None = None) -> datetime:
    """When to try again after a passing failure: exponential with jitter, or as the provider asks; not past expiry."""
    grown = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2**reminder.failures)
    delay = max(grown * random.uniform(0.5, 1.0), retry_after_s or 0)  # noqa: S311 - spreads load, hides nothing
    return min(now + timedelta(seconds=delay), reminder.expires_at)
