"""Another service, asked over HTTP with the console's key for a store."""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import SecretStr

EVERY_STORE = "*"
TIMEOUT_S = 4.0
T = TypeVar("T")


class ServiceError(Exception):
    """A service said no, or nothing. `status` is 0 where it could not be asked; `detail` is what it says to people."""

    def __init__(self, service: str, status: int, detail: str = "", members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{service}: {status}")
        self.service, self.status, self.detail, self.members = service, status, detail, dict(members or {})

    @property
    def silent(self) -> bool:
        """Whether it could not answer, so that to ask again may help."""
        return self.status == 0 or self.status >= 500


class ServiceClient:
    """Calls of one service. Without a key for a store it can't be asked about it."""

    def __init__(self, name: str, base: str, keys: Mapping[str, SecretStr], http: httpx.AsyncClient) -> None:
        self._name, self._base, self._keys, self._http = name, base.rstrip("/"), keys, http

    async def call(
        self,
        method: str,
        store_id: str,
        path: str,
        *,
        query: Mapping[str, str | int | list[str]] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        etag: str = "",
        dry_run: bool = False,
    ) -> httpx.Response:
        """One call below the store's path; an answer of 2xx. Raises `ServiceError`.

        `etag` is the version that a change replaces; with `dry_run` it is told what the change would be, and not made.
        """
        key = self._keys.get(store_id) or self._keys.get(EVERY_STORE)
        if key is None:
            raise ServiceError(self._name, 0, "There is no key for this store.")
        sent = {"Authorization": f"Bearer {key.get_secret_value()}", **(headers or {})}
        if etag:
            sent["If-Match"] = etag
        if dry_run:
            query = {**(query or {}), "dry_run": "true"}
        try:
            answer = await self._http.request(
                method,
                f"{self._base}/v1/stores/{store_id}{path}",
                params=query,
                headers=sent,
                content=content,
                json=body,
                timeout=TIMEOUT_S,
            )
        except httpx.HTTPError as error:
            raise ServiceError(self._name, 0, type(error).__name__) from None
        if not answer.is_success:
            raise _refused(self._name, answer)
        return answer

    async def get(self, store_id: str, path: str, **query: str | int) -> Any:  # noqa: ANN401 - JSON
        """What a GET answers. Raises `ServiceError`."""
        return (await self.call("GET", store_id, path, query=query)).json()

    async def find(self, store_id: str, path: str) -> dict[str, Any] | None:
        """The object that a GET answers; None where the service knows of none. Raises `ServiceError`."""
        try:
            found: dict[str, Any] = await self.get(store_id, path)
        except ServiceError as error:
            if error.status == 404:
                return None
            raise
        return found

    async def is_ready(self) -> bool:
        """Whether the service says that it is."""
        try:
            answer = await self._http.get(f"{self._base}/health/ready", timeout=TIMEOUT_S / 2)
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def measured(self) -> str:
        """What the process measures of itself; empty where it does not say so to everybody."""
        try:
            answer = await self._http.get(f"{self._base}/metrics", timeout=TIMEOUT_S / 2)
        except httpx.HTTPError:
            return ""
        return answer.text if answer.is_success else ""


async def or_none(asked: Awaitable[T]) -> T | None:
    """What a service answers, None where it says no or nothing: for pages that show what the others know."""
    try:
        return await asked
    except ServiceError:
        return None


def quoted(part: str) -> str:
    """A part of a path."""
    return quote(part, safe="")


def _refused(name: str, answer: httpx.Response) -> ServiceError:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    members = told if isinstance(told, dict) else {}
    return ServiceError(name, answer.status_code, str(members.get("detail", "")), members)
