"""Everything that this service holds on a customer, for whoever has the store's key."""

from collections.abc import Mapping

from pydantic import SecretStr
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from libs.http.keys import require_store_key
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.notifier.db import exports

SCHEMA = "urn:evercart:export:notifier:1"
PATH = "/v1/stores/{store_id}/customers/{customer_id:path}/export"


class Exports:
    """The export's route."""

    def __init__(self, pool: Pool, keys: Mapping[str, SecretStr], clock: Clock) -> None:
        self._pool, self._keys, self._clock = pool, keys, clock

    def routes(self) -> list[Route]:
        """For the web role's application."""
        return [Route(PATH, self.export, methods=["GET"])]

    async def export(self, request: Request) -> Response:
        """Contact, every message that was asked for and what became of it, closed channels, replies."""
        store_id, customer_id = request.path_params["store_id"], request.path_params["customer_id"]
        require_store_key(request, self._keys, store_id)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await exports.everything(connection, store_id, customer_id)
        head = {"schema": SCHEMA, "store_id": store_id, "customer_id": customer_id, "exported_at": self._clock()}
        return Response(to_json(head | found), 200, {"Cache-Control": "no-store"}, "application/json")
