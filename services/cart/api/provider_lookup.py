"""Has an identity provider asked for a key that is not known yet, before the request is looked at."""

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.problems import Problem
from services.cart.auth.authenticators import Authenticators
from services.cart.auth.challenges import bearer


class ProviderLookup:
    """Wraps the application: the only place where somebody waits for a provider, and not for long. Checking a token
    stays a matter of memory, so that the hot routes wait for nobody.
    """

    def __init__(self, app: ASGIApp, authenticators: Authenticators) -> None:
        self._app, self._authenticators = app, authenticators

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if self.needed and scope["type"] == "http":
            await self.fetch_key(scope)
        await self._app(scope, receive, send)

    @property
    def needed(self) -> bool:
        """Whether there is any provider to be asked."""
        return bool(self._authenticators.providers)

    async def fetch_key(self, scope: Scope) -> None:
        """Has the provider of the store asked for the key of the caller's token, if it is not known yet."""
        entry = self._authenticators.stores.of_path(scope["path"])
        if entry is None:
            return
        customers = self._authenticators.of(entry).customers
        if customers.provider is None:
            return
        for name, value in scope["headers"]:
            if name == b"authorization":
                try:
                    await customers.fetch_key(bearer(value.decode("latin-1")))
                except Problem:
                    return  # the endpoint says so
