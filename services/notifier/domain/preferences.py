"""What a recipient wants, by channel and purpose: how it stands, what a form changes, and the way back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from services.notifier.domain.purposes import DECLINABLE

PAUSE: Final = timedelta(days=30)
LINK_DAYS: Final = timedelta(days=365)
"""For how long a message's link leads to the page; the one to unsubscribe works as long as its message is known."""
AGREEABLE: Final = ("email", "sms")
_SHOWN_OF_LOCAL: Final = 1
_SHOWN_OF_PHONE: Final = 2


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel stands for somebody: why it is `closed` for all messages (`bounced`, `complained`, `stop`), whether
    they have `agreed` to it and not `unsubscribed`, and which purposes they have `declined`.

    `subjects` are whom it is kept for; `address` is where it reaches them, None where that is not known any more;
    `of_link` is whether the link came by it: whoever has the link then has the address.
    """

    channel: str
    subjects: tuple[str, ...]
    address: str | None
    agreed: bool
    closed: str | None = None
    unsubscribed: bool = False
    declined: frozenset[str] = frozenset()
    of_link: bool = False

    @property
    def editable(self) -> bool:
        """Whether a tick on the page can open it: who never agreed is asked for that, STOP is taken back by START."""
        return self.agreed and self.closed is None

    @property
    def agreeable(self) -> bool:
        """Whether they may agree to it on the page: of e-mail and texts the cart keeps what was agreed to, and how.

        An address that unsubscribed is somebody else's for all that a link by another channel shows.
        """
        if self.agreed or self.closed is not None or self.address is None:
            return False
        return self.channel in AGREEABLE and (self.of_link or not self.unsubscribed)

    @property
    def wanted(self) -> frozenset[str]:
        """The purposes that are on."""
        if not self.editable or self.unsubscribed:
            return frozenset()
        return frozenset(DECLINABLE) - self.declined


@dataclass(frozen=True, slots=True)
class Preferences:
    """How all channels stand; until when all messages are paused. `proven` is whether whoever asks has the address that
    the link was sent to: somebody at an address of before may close, and opens nothing.
    """

    channels: tuple[ChannelState, ...]
    paused_until: datetime | None
    proven: bool

    def resting(self, now: datetime) -> datetime | None:
        """Until when they have paused, None where that is over."""
        return self.paused_until if self.paused_until is not None and self.paused_until > now else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, of the channels and with the pause that it speaks of: no more of a change than its difference."""

    wanted: Mapping[str, frozenset[str]]
    paused_until: datetime | None = None
    speaks_of_pause: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted) or self.speaks_of_pause

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        said: dict[str, Any] = {"wanted": {channel: sorted(on) for channel, on in self.wanted.items()}}
        if self.speaks_of_pause:
            said["paused_until"] = self.paused_until and self.paused_until.isoformat()
        return said

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """What was kept."""
        until = kept.get("paused_until")
        wanted = {channel: frozenset(on) for channel, on in kept["wanted"].items()}
        return cls(wanted, datetime.fromisoformat(until) if until else None, "paused_until" in kept)


def saved(now: Preferences, ticked: Mapping[str, frozenset[str]]) -> Wish:
    """What a form changes that shows these channels with these ticks; a purpose that there is not is passed over."""
    wanted = {}
    for channel in now.channels:
        if channel.channel not in ticked or not channel.editable:
            continue
        on = ticked[channel.channel] & frozenset(DECLINABLE)
        on = on if now.proven else on & channel.wanted
        if on != channel.wanted:
            wanted[channel.channel] = on
    return Wish(wanted)


def paused(now: Preferences, at: datetime) -> Wish:
    """What a pause changes: nothing where there is one."""
    return Wish({}) if now.resting(at) else Wish({}, at + PAUSE, speaks_of_pause=True)


def resumed(now: Preferences, at: datetime) -> Wish:
    """What the end of a pause changes."""
    over = now.proven and now.resting(at) is not None
    return Wish({}, None, speaks_of_pause=True) if over else Wish({})


def undone(now: Preferences, was: Wish, became: Wish, at: datetime) -> Wish:
    """What takes a change back: of what it changed only that which stands as it left it."""
    if not now.proven:
        return Wish({})
    stands = {one.channel: one for one in now.channels}
    back = {
        channel: on
        for channel, on in was.wanted.items()
        if channel in stands and stands[channel].editable and stands[channel].wanted == became.wanted.get(channel)
    }
    pause = was.speaks_of_pause and now.resting(at) == became.paused_until
    return Wish(back, was.paused_until if pause else None, speaks_of_pause=pause)


def before(now: Preferences, wish: Wish, at: datetime) -> Wish:
    """How that stands which a wish speaks of: the way back from it."""
    stands = {one.channel: one.wanted for one in now.channels}
    wanted = {channel: stands[channel] for channel in wish.wanted}
    return Wish(wanted, now.resting(at) if wish.speaks_of_pause else None, wish.speaks_of_pause)


def masked(address: str) -> str:
    """An address as its owner knows it again and nobody else learns it: `a•••@s•••.example`, `+••••••78`."""
    local, at, domain = address.rpartition("@")
    if not at:
        return f"{'+' if address.startswith('+') else ''}••••••{address[-_SHOWN_OF_PHONE:]}"
    name, _, top = domain.rpartition(".")
    return f"{local[:_SHOWN_OF_LOCAL]}•••@{name[:_SHOWN_OF_LOCAL]}•••.{top}"
