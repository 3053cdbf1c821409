"""A process that serves, for tests of its end: `python -m tests.support.draining PORT LAME_DUCK_S`."""

import asyncio
import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from libs.http.health import health_routes
from libs.http.serve import serve
from libs.runtime.ending import Ending
from libs.runtime.process import run

TAKES_S = 0.01


def application(ending: Ending) -> Starlette:
    """Answers at `/`, tells its readiness, and at `/open` says "begun" and answers when listeners are to close."""

    async def answer(_: Request) -> Response:
        await asyncio.sleep(TAKES_S)
        return PlainTextResponse("done")

    async def begun_before(_: Request) -> Response:
        print("begun", flush=True)
        await ending.closing.wait()
        return PlainTextResponse("done at the end")

    routes = [Route("/", answer, methods=["GET", "POST"]), Route("/open", begun_before)]
    return Starlette(routes=[*routes, *health_routes({"ending": ending.check})])


if __name__ == "__main__":
    port, lame_duck_s = sys.argv[1:]
    the_end = Ending(float(lame_duck_s))
    run(serve(application(the_end), "127.0.0.1", int(port), the_end), ending=the_end)
