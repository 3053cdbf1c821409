"""Another service, asked over HTTP with the console's key for a store."""

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

EVERY_STORE = "*"
TIMEOUT_S = 4.0


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
    ) -> httpx.Response:
        """One call below the store's path; an answer of 2xx. Raises `ServiceError`."""
        key = self._keys.get(store_id) or self._keys.get(EVERY_STORE)
        if key is None:
            raise ServiceError(self._name, 0, "There is no key for this store.")
        sent = {"Authorization": f"Bearer {key.get_secret_value()}", **(headers or {})}
        given: dict[str, Any] = {"content": content} if content is not None else {}
        if body is not None:
            given = {"json": body}
        try:
            answer = await self._http.request(
                method,
                f"{self._base}/v1/stores/{store_id}{path}",
                params=query,
                headers=sent,
                timeout=TIMEOUT_S,
                **given,
            )
        except httpx.HTTPError as error:
            raise ServiceError(self._name, 0, type(error).__name__) from None
        if not answer.is_success:
            raise _refused(self._name, answer)
        return answer

    async def get(self, store_id: str, path: str, **query: str | int) -> Any:  # noqa: ANN401 - JSON
        """What a GET answers. Raises `ServiceError`."""
        return (await self.call("GET", store_id, path, query=query)).json()

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


def _refused(name: str, answer: httpx.Response) -> ServiceError:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    members = told if isinstance(told, dict) else {}
    return ServiceError(name, answer.status_code, str(members.get("detail", "")), members)
