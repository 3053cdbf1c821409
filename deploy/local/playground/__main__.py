"""``python -m deploy.local.playground``: runs until SIGTERM or SIGINT; ends with 0, or 2 over bad settings."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from deploy.local.playground.server import Listeners, create_server
from deploy.local.playground.settings import Settings, SettingsError


def main() -> int:
    """Returns the exit code."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_environment(os.environ)
        listeners = Listeners.bind(settings)
    except (SettingsError, OSError) as failure:
        print(f"playground: {failure}", file=sys.stderr)
        return 2
    # uvicorn raises the signal again once it has shut down; to have been asked to stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    host, port = listeners.http.getsockname()[:2]
    logging.getLogger(__name__).info(
        "shop and inbox on http://%s:%d, mail on %d", host, port, listeners.smtp.getsockname()[1]
    )
    asyncio.run(create_server(settings, listeners).serve(sockets=[listeners.http]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
