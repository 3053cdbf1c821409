"""Large answers are compressed; small ones, streams of events and those with a secret are not."""

import zlib
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from libs.http.compression import AS_IT_IS, SMALLEST, Compressed

LARGE = b"tea " * (SMALLEST // 4)


async def asked(answer: Response, accept: str = "gzip, br") -> httpx.Response:
    async def endpoint(_: Request) -> Response:
        return answer

    app = Compressed(Starlette(routes=[Route("/", endpoint)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x.test") as http:
        return await http.get("/", headers={"Accept-Encoding": accept})


def told(answer: httpx.Response) -> tuple[str | None, str | None]:
    return answer.headers.get("content-encoding"), answer.headers.get("vary")


async def test_a_large_answer_is_compressed_and_says_on_what_that_depends():
    answer = await asked(Response(LARGE, headers={"ETag": '"7"', "Vary": "Origin"}, media_type="application/json"))
    assert told(answer) == ("gzip", "Origin, Accept-Encoding")
    assert (answer.content, answer.headers["etag"]) == (LARGE, '"7"')
    assert int(answer.headers["content-length"]) < len(LARGE) / 10


@pytest.mark.parametrize("accept", ["", "br", "identity", "gzip;q=0", "br, gzip ; q=0.000, *"])
async def test_who_takes_no_gzip_gets_none(accept: str):
    answer = await asked(Response(LARGE), accept)
    assert (*told(answer), answer.content) == (None, "Accept-Encoding", LARGE)


@pytest.mark.parametrize("accept", ["gzip;q=0.5", "br;q=0, gzip", "gzip;q=0.01"])
async def test_a_weight_is_no_refusal(accept: str):
    assert told(await asked(Response(LARGE), accept)) == ("gzip", "Accept-Encoding")


async def test_a_small_answer_stays():
    assert told(await asked(Response(LARGE[:-1]))) == (None, None)
    assert told(await asked(Response(status_code=304))) == (None, None)


async def test_an_answer_with_a_secret_stays_however_large():
    """Story: the length of a compressed answer told, guess by guess, the token that stood beside a shopper's note."""
    answer = await asked(Response(LARGE, headers={"Cache-Control": f"no-store, {AS_IT_IS}"}))
    assert (*told(answer), answer.headers["content-length"]) == (None, None, str(len(LARGE)))


async def parts(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_stream_of_events_stays_and_another_stream_does_not():
    events = await asked(StreamingResponse(parts(LARGE, LARGE), media_type="text/event-stream"))
    assert (told(events), events.content) == ((None, None), LARGE * 2)
    export = await asked(StreamingResponse(parts(b"[", LARGE, b"]"), media_type="application/json"))
    assert (told(export), export.content) == (("gzip", "Accept-Encoding"), b"[" + LARGE + b"]")


async def test_what_is_compressed_already_stays():
    packed: Mapping[str, str] = {"Content-Encoding": "deflate"}
    answer = await asked(Response(zlib.compress(LARGE * 400), headers=dict(packed)))
    assert (told(answer), answer.content) == (("deflate", None), LARGE * 400)
