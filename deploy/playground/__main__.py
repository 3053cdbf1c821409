"""``python -m deploy.playground``: runs until SIGTERM or SIGINT; ends with 0, or 2 over bad settings."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from deploy.playground.server import Listeners, create_server
from deploy.playground.settings import Settings, SettingsError


def main() -> int:
    """Returns the exit code."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_environment(os.environ)
        listeners = Listeners.bind(settings)
    except (SettingsError, OSError) as failure:
        print(f"playground: {failure}", file=sys.stderr)
        return 2
    host, port = listeners.http.getsockname()[:2]
    logging.getLogger(__name__).info(
        "shop and inbox on http://%s:%d, mail on %d", host, port, listeners.smtp.getsockname()[1]
    )
    asyncio.run(_serve(settings, listeners))
    return 0


async def _serve(settings: Settings, listeners: Listeners) -> None:
    server = create_server(settings, listeners)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, setattr, server, "should_exit", True)
    await server.serve(sockets=[listeners.http])


if __name__ == "__main__":
    sys.exit(main())
