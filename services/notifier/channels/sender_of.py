"""Who sends a store's e-mails, as its description and the settings of its providers say."""

from services.notifier.channels.ports import ProviderSettings
from services.notifier.channels.providers import account_of, configured
from services.notifier.channels.registry import EMAIL_PROVIDERS
from services.notifier.domain.addresses import ascii_domain
from services.notifier.domain.senders.sender import Sender
from services.notifier.domain.store import Store


def sender_of(store: Store) -> Sender | None:
    """The sender, its domains as the DNS spells them; None where the store sends no e-mails. Of several providers the
    first that has no envelope of its own says where bounces come.
    """
    if store.closed or not store.email_from:
        return None
    envelope, relay = "", ""
    for name in store.email_providers:
        settings = _settings_of(name)
        if settings is not None and (envelope := settings.returns_to(store)):
            relay = settings.relay
            break
    return Sender(_domain(store.email_from), store.dkim_selectors, _domain(envelope), relay.lower().rstrip("."))


def _settings_of(name: str) -> ProviderSettings | None:
    account = account_of(name, EMAIL_PROVIDERS)
    provider = EMAIL_PROVIDERS.get(account[0] if account else name)
    found = configured(provider.settings, account[1] if account else "") if provider else ""
    return None if isinstance(found, str) else found


def _domain(address: str) -> str:
    """The domain of an address; as it stands where nobody can register it."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    try:
        return ascii_domain(domain)
    except ValueError:
        return domain
