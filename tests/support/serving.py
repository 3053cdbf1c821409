"""When a server that a test has started can be asked: it says nowhere that it listens, so asking is the signal."""

import asyncio
import subprocess

import httpx

from deploy.local.program import free_ports
from tests.support.eventually import eventually
from tests.support.forks import Started


def free_port() -> int:
    """One for a server that a test starts: of those that no outgoing connection is given, until the server is up."""
    return free_ports([0])[0]


async def listening(port: int, serving: "asyncio.Task[None]") -> None:
    """Returns once the task takes connections on the port; raises what it raised if it has ended."""

    async def takes() -> bool:
        if serving.done():
            serving.result()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True

    await eventually(takes, despite=OSError)


async def ready(http: httpx.AsyncClient, process: "Started | subprocess.Popen[bytes]") -> None:
    """Returns once the process says that it is ready; AssertionError if it has ended."""

    async def says_so() -> bool:
        assert process.poll() is None, f"the process ended with {process.poll()}"
        return (await http.get("/health/ready")).status_code == 200

    await eventually(says_so, despite=httpx.TransportError)
