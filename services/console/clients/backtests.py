"""What the console asks of the trigger about drafts of campaigns that are tried."""

from typing import Any
from uuid import UUID

from services.console.clients.service import ServiceClient, ServiceError

Json = dict[str, Any]


class Backtests:
    """Drafts tried on what has happened in a store."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def ask(self, store_id: str, document: str, days: int) -> str:
        """Asks for one; the id of it, or of that which the store has under way already."""
        try:
            answer = await self._service.call(
                "POST",
                store_id,
                "/backtests",
                query={"days": days},
                content=document.encode(),
                headers={"Content-Type": "application/yaml"},
            )
        except ServiceError as error:
            if error.status == 409 and "backtest_id" in error.members:
                return str(error.members["backtest_id"])
            raise
        return str(answer.json()["backtest_id"])

    async def one(self, store_id: str, backtest_id: UUID) -> Json:
        """One as it stands, with what it came to."""
        found: Json = await self._service.get(store_id, f"/backtests/{backtest_id}")
        return found

    async def newest(self, store_id: str) -> list[Json]:
        """The newest of a store."""
        found: list[Json] = (await self._service.get(store_id, "/backtests"))["backtests"]
        return found

    async def cancel(self, store_id: str, backtest_id: UUID) -> None:
        """Ends one."""
        await self._service.call("DELETE", store_id, f"/backtests/{backtest_id}")
