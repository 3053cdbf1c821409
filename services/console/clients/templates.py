"""What the console asks of a store's templates at the notifier."""

from typing import Any

from services.console.clients.service import ServiceClient, quoted

Json = dict[str, Any]


class Templates:
    """Templates as they are in force, their versions, and drafts of them that are tried."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def own(self, store_id: str) -> list[str]:
        """The names of those that the store has said by the API."""
        told = await self._service.get(store_id, "/templates")
        return [str(one["name"]) for one in told["templates"]]

    async def in_force(self, store_id: str, name: str) -> tuple[Json, str]:
        """What a template says now, where that is said, and the tag that a change has to name."""
        answer = await self._service.call("GET", store_id, f"/templates/{quoted(name)}/in-force")
        return answer.json(), answer.headers.get("etag", "")

    async def put(self, store_id: str, name: str, said: Json, etag: str, *, dry_run: bool) -> Json:
        """Says a template, or tells what is wrong with it."""
        changed: Json = (
            await self._service.call(
                "PUT",
                store_id,
                f"/templates/{quoted(name)}",
                body=said,
                etag="" if dry_run else etag,
                dry_run=dry_run,
            )
        ).json()
        return changed

    async def remove(self, store_id: str, name: str, etag: str) -> None:
        """Takes the store's own away: what ships counts again."""
        await self._service.call("DELETE", store_id, f"/templates/{quoted(name)}", etag=etag)

    async def roll_back(self, store_id: str, name: str, version: int, etag: str) -> None:
        """Puts an old version in force again."""
        await self._service.call(
            "POST",
            store_id,
            f"/templates/{quoted(name)}/rollback",
            body={"version": version},
            etag=etag,
        )

    async def versions(self, store_id: str, name: str) -> list[Json]:
        """Every version that the API was told, the newest first."""
        told = await self._service.get(store_id, f"/templates/{quoted(name)}/versions", limit=50)
        found: list[Json] = told["versions"]
        return found

    async def version(self, store_id: str, name: str, number: int) -> Json:
        """One version, as it was said."""
        found: Json = await self._service.get(store_id, f"/templates/{quoted(name)}/versions/{number}")
        return found

    async def preview_draft(
        self, store_id: str, name: str, said: Json, language: str, channel: str, customer: str = ""
    ) -> Json:
        """A message with a template that nobody has kept."""
        body = {"template": name, "said": said, "language": language, "channel": channel}
        answer = await self._service.call(
            "POST", store_id, "/preview", body=body | ({"customer": customer} if customer else {})
        )
        shown: Json = answer.json()
        return shown
