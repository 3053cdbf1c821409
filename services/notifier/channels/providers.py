"""The providers that this process can send by, as its environment configures them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from logging import DEBUG, WARNING
from typing import Any

import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsError

from services.notifier.channels.asking import Asking, CanBeAsked
from services.notifier.channels.by_name import ByName
from services.notifier.channels.in_order import Breakers, InOrder
from services.notifier.channels.outcome import Accepted
from services.notifier.channels.paced import Paced, Turns
from services.notifier.channels.places import Placed
from services.notifier.channels.ports import CallbackReader, Limits, ProviderSettings, Question, ReplyReader
from services.notifier.channels.registry import CHANNELS, Provider
from services.notifier.domain.store import Store

log = structlog.get_logger(__name__)


class UnknownProviderError(LookupError):
    """A store names a provider that the registry does not hold."""


class ProviderNotConfiguredError(LookupError):
    """A store names a provider whose settings are missing or wrong; the message says which, never what they are."""


class Providers:
    """Every provider of every channel whose settings are there. Without `turns` none has a rate."""

    def __init__(self, limits: Limits, turns: Turns | None = None) -> None:
        self._breakers = Breakers()
        self._built: dict[tuple[str, str], Any] = {}
        self._asked: dict[tuple[str, str], CanBeAsked] = {}
        self._faults: dict[tuple[str, str], str] = {}
        self._limits, self._turns = limits, turns
        for place, provider in _registered().items():
            self._build(place, provider)

    def of(self, channel: str, store_id: str, store: Store) -> Any:  # noqa: ANN401 - each channel has a port of its own
        """The provider that a store has named, or several in its order; those that can't be used are left out.

        Raises `UnknownProviderError` or `ProviderNotConfiguredError` where none can be.
        """
        places = [(channel, name) for name in store.providers(channel)]
        for place in places:
            self._open_account(place)
        found = [(place[1], self._built[place]) for place in places if place in self._built]
        if len(found) > 1:
            return InOrder(store_id, channel, found, self._breakers)
        if found:
            return found[0][1]
        faults = [f"{place[1]}: {self._faults[place]}" for place in places if place in self._faults]
        if faults:
            raise ProviderNotConfiguredError("; ".join(faults))
        raise UnknownProviderError(places[0][1])

    async def ask(self, channel: str, store: Store, question: Question) -> Accepted | None:
        """The message, if one of the store's providers that can be asked surely has it."""
        for name in store.providers(channel):
            self._open_account((channel, name))
            provider = self._asked.get((channel, name))
            if provider and (found := await provider.ask(question)):
                return replace(found, provider=name)
        return None

    def _open_account(self, place: tuple[str, str]) -> None:
        """Builds a further account when a store first names it; nothing where there is no such provider."""
        if place in self._built or place in self._faults:
            return
        channel, name = place
        if found := account_of(name, CHANNELS[channel].providers):
            provider, account = found
            self._build(place, CHANNELS[channel].providers[provider], account)

    def _build(self, place: tuple[str, str], provider: Provider[Any], account: str = "") -> None:
        settings = configured(provider.settings, account)
        if isinstance(settings, str):
            self._faults[place] = settings
            _tell(place, settings, provider.settings)
        else:
            built: Any = provider.build(settings, replace(self._limits, name=place[1]))
            if isinstance(built, CanBeAsked):
                self._asked[place] = built
                built = Asking(built, self._limits.clock)
            built = ByName(place[1], built)
            if settings.connections:
                built = Placed(place[1], built, settings.connections)
            if self._turns is not None and settings.per_second > 0:
                built = Paced(place[1], built, settings.per_second, self._turns)
            self._built[place] = built

    async def close(self) -> None:
        """Closes every provider's connections."""
        for provider in self._built.values():
            await provider.close()


@dataclass(frozen=True, slots=True)
class EventSource:
    """Who reads what a provider tells of the messages that it carries on a channel."""

    channel: str
    reader: CallbackReader


def reply_readers() -> Mapping[str, ReplyReader]:
    """The readers of replies by the names of their providers, of those that are configured."""
    readers = {}
    for place, provider in _registered().items():
        if provider.replies is None:
            continue
        settings = configured(provider.settings)
        if isinstance(settings, str):
            _tell(place, settings, provider.settings)
        else:
            readers[place[1]] = provider.replies(settings)
    return readers


def account_replies(name: str) -> ReplyReader | None:
    """The same of a further account (`twilio_nordwind`), None where there is none, or it brings no replies."""
    for _, provider, account in _accounts(name):
        if provider.replies is not None:
            settings = configured(provider.settings, account)
            return None if isinstance(settings, str) else provider.replies(settings)
    return None


def event_sources() -> Mapping[str, EventSource]:
    """The readers of what providers tell of messages, by the providers' names, of those that are configured.

    Of a provider that is, and is not set to call back, the log says what that lacks: it can send without.
    """
    sources = {}
    for place, provider in _registered().items():
        if provider.events is None or isinstance(configured(provider.settings), str):
            continue
        settings = configured(provider.events.settings)
        if isinstance(settings, str):
            log.warning("provider.tells_nothing", channel=place[0], provider=place[1], settings=settings)
        else:
            sources[place[1]] = EventSource(place[0], provider.events.build(settings))
    return sources


def account_events(name: str) -> EventSource | None:
    """The same of a further account (`postmark_nordwind`), None where there is none, or it is not set to call back."""
    for channel, provider, account in _accounts(name):
        if (events := provider.events) is not None:
            settings = configured(events.settings, account)
            return None if isinstance(settings, str) else EventSource(channel, events.build(settings))
    return None


def configured(kind: type[ProviderSettings], account: str = "") -> ProviderSettings | str:
    """The settings that the environment gives, or what is missing or wrong with them: names and rules, no values.

    Those of a further `account` are called as the first one's, with its name in between: `NOTIFIER_SMTP_NORDWIND_HOST`.
    """
    prefix = kind.model_config.get("env_prefix", "") + (f"{account.upper()}_" if account else "")
    try:
        return kind(_env_prefix=prefix)
    except SettingsError as error:
        return str(error)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{prefix}{''.join(map(str, e['loc'][:1]))}".upper() + f": {e['msg']}" for e in faults)


def account_of(name: str, providers: Iterable[str]) -> tuple[str, str] | None:
    """The provider and the account that a name like `smtp_nordwind` stands for."""
    known = [one for one in providers if name.startswith(f"{one}_") and len(name) > len(one) + 1]
    return (longest, name.removeprefix(f"{longest}_")) if (longest := max(known, key=len, default="")) else None


def _accounts(name: str) -> Iterator[tuple[str, Provider[Any], str]]:
    """By channel the provider and the account that a name stands for, where it stands for one."""
    for channel, known in CHANNELS.items():
        if (found := account_of(name, known.providers)) is not None:
            yield channel, known.providers[found[0]], found[1]


def _tell(place: tuple[str, str], fault: str, kind: type[ProviderSettings]) -> None:
    """Says what is missing where somebody has begun to set it; a provider that nobody uses is no news."""
    channel, provider = place
    prefix = kind.model_config.get("env_prefix", "")
    begun = any(name.upper().startswith(prefix) for name in os.environ)
    log.log(WARNING if begun else DEBUG, "provider.not_configured", channel=channel, provider=provider, settings=fault)


def _registered() -> dict[tuple[str, str], Provider[Any]]:
    return {
        (channel, name): provider for channel, known in CHANNELS.items() for name, provider in known.providers.items()
    }
