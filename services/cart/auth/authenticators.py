"""Who checks the callers of each store: one authenticator a store, made anew when the store is described anew."""

from collections.abc import Collection, Iterable

from libs.runtime.clock import Clock, utc_now
from services.cart.auth.authenticator import Authenticator
from services.cart.auth.jwks import Providers
from services.cart.auth.key_cache import KeyCache
from services.cart.stores.registry import Entry, StoreRegistry


class Authenticators:
    """The authenticators of all `stores`, with the `keys` that were made for them and their identity `providers`. A
    store that stays as it is keeps what its authenticator has checked.
    """

    def __init__(
        self,
        stores: StoreRegistry,
        token_secret: bytes,
        keys: KeyCache | None = None,
        providers: Providers | None = None,
        *,
        older_secrets: Iterable[bytes] = (),
        clock: Clock = utc_now,
    ) -> None:
        self.stores, self.clock = stores, clock
        self.token_secrets = (token_secret, *older_secrets)
        self.keys = keys if keys is not None else KeyCache()
        self.providers = providers if providers is not None else Providers()
        self._made: dict[str, tuple[Entry, Authenticator]] = {}
        stores.subscribe(self._follow)

    def of(self, entry: Entry) -> Authenticator:
        """The authenticator of a store."""
        made = self._made.get(entry.store_id)
        return made[1] if made is not None and made[0] is entry else self._make(entry)

    def origins(self) -> frozenset[str]:
        """The web origins of all stores: links are opened before it is known whose they are."""
        return self.stores.origins | self.keys.all_origins

    def _follow(self, entries: Collection[Entry]) -> None:
        # at once, and not at the first call: a provider's keys are asked for before somebody needs them
        self._made = {entry.store_id: (entry, self.of(entry)) for entry in entries}

    def _make(self, entry: Entry) -> Authenticator:
        store = entry.store
        provider = self.providers.of(store.jwks_url, store.jwt_algorithm) if store.jwks_url is not None else None
        return Authenticator(
            *(entry.store_id, store, self.token_secrets[0], self.keys, provider),
            older_secrets=self.token_secrets[1:],
            clock=self.clock,
        )
