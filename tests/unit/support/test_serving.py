"""A server in a test's own process ends when it is told to, and takes nobody's answer away."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.support import serving


class Slow:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.app = Starlette(routes=[Route("/", self._answer)])

    async def _answer(self, _request) -> PlainTextResponse:
        self.asked.set()
        await self.answers.wait()
        return PlainTextResponse("late")


async def test_what_is_under_way_comes_to_an_end_and_nobody_else_is_let_in() -> None:
    slow = Slow()
    async with httpx.AsyncClient() as http:
        server = serving.HttpServer(slow.app)
        asked = asyncio.create_task(http.get(server.url))
        await slow.asked.wait()
        ending = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        slow.answers.set()
        assert (await asked).text == "late"
        await ending
        with pytest.raises(httpx.ConnectError):
            await http.get(server.url)


async def test_whoever_never_answers_holds_up_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_GRACE_S", 0.02)
    slow = Slow()
    async with httpx.AsyncClient() as http:
        async with serving.serving(slow.app) as url:
            asked = asyncio.create_task(http.get(url))
            await slow.asked.wait()
        assert (await asked).status_code == 500
