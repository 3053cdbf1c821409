"""What the console asks of the cart service about a store itself, and about its keys."""

from dataclasses import dataclass
from typing import Any

from services.console.clients.service import ServiceClient

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoreAsItIs:
    """A store as the cart tells it, and the entity tag by which it is replaced; empty where it can't be."""

    told: Json
    etag: str


class Stores:
    """Stores and their keys: their secrets are told nobody, that of a new or rotated key this once."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def read(self, store_id: str) -> StoreAsItIs:
        """The settings of a store, and who says so."""
        answer = await self._service.call("GET", store_id, "")
        return StoreAsItIs(answer.json(), answer.headers.get("etag", ""))

    async def put(self, store_id: str, settings: Json, etag: str, *, dry_run: bool) -> Json:
        """Sets all settings of a store, or tells what it would be."""
        answer = await self._service.call(
            "PUT",
            store_id,
            "",
            body=settings,
            etag=etag,
            dry_run=dry_run,
        )
        told: Json = answer.json()
        return told

    async def keys(self, store_id: str, after: str) -> Json:
        """The live keys by name, a page of them, without their secrets."""
        found: Json = await self._service.get(store_id, "/keys", **({"after": after} if after else {}))
        return found

    async def make_key(self, store_id: str, asked: Json) -> Json:
        """Makes a key; its id, and the secret that is told this once."""
        made: Json = (await self._service.call("POST", store_id, "/keys", body=asked)).json()
        return made

    async def key(self, store_id: str, key_id: str) -> Json | None:
        """A live key by its id, without its secret; None where there is none."""
        after: str | None = ""
        while after is not None:
            page = await self.keys(store_id, after)
            for one in page["keys"]:
                if one["key_id"] == key_id:
                    found: Json = one
                    return found
            after = page["next"]
        return None

    async def rotate_key(self, store_id: str, key_id: str, grace_hours: int) -> Json:
        """Gives a key another secret, told this once; the one until now goes on for so long."""
        body = {"grace_hours": grace_hours}
        made: Json = (await self._service.call("POST", store_id, f"/keys/{key_id}/rotate", body=body)).json()
        return made

    async def revoke_key(self, store_id: str, key_id: str) -> None:
        """Ends a key for ever."""
        await self._service.call("DELETE", store_id, f"/keys/{key_id}")
