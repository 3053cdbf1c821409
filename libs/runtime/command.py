"""The command line of a service: `python -m services.NAME.main ROLE...`, several roles in one process."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from libs.postgres.errors import FAILURES
from libs.postgres.migrate import MigrationError, Step
from libs.runtime.ending import Ending
from libs.runtime.logging import configure_logging
from libs.runtime.process import run
from libs.runtime.settings import BadSettingsError, S, from_environment
from libs.runtime.workers import run_workers

MIGRATIONS: Mapping[str, Step] = {"migrate": "pre", "migrate-post": "post"}
"""Before and after the processes of a release were exchanged (`libs.postgres.migrate`)."""


def enter(
    service: str,
    settings_type: type[S],
    roles: Sequence[str],
    migrated: Callable[[S, Step], Awaitable[object]],
    serve: Callable[[S, Sequence[str], Ending], Coroutine[Any, Any, None]],
    *,
    of_worker: Callable[[S, int], Mapping[str, str]] | None = None,
) -> None:
    """Reads roles from the command line and settings from the environment, and ends the process with a status.

    `migrate` and `migrate-post` may stand alone or before other roles: they are done first, whatever the order.
    A database that is not there yet is waited for; what can't be done is told in a sentence.
    Settings that are missing or wrong are told by name, for what was given may be a secret. With `of_worker`, which
    says what the environment of each has beside this one's, `api --workers N` serves in so many processes.
    """
    wanted, count = _asked_for(service, roles, with_workers=of_worker is not None)
    try:
        settings = from_environment(settings_type)
    except BadSettingsError as error:
        sys.exit(f"{error}\nAll settings: deploy/docs/settings.md")
    configure_logging(service, settings.log_level, settings.log_format)
    try:
        for step in (MIGRATIONS[name] for name in MIGRATIONS if name in wanted):
            asyncio.run(_awaited(migrated(settings, step)))
    except MigrationError as error:
        sys.exit(f"{service}: {error}")
    except FAILURES as error:  # it went away under the work
        sys.exit(f"{service}: the database can't be used: {error or type(error).__name__}")
    serving = [role for role in wanted if role not in MIGRATIONS]
    if of_worker is not None and count > 1:
        command = (sys.executable, "-m", f"services.{service}.main", *serving)
        sys.exit(run_workers(command, [of_worker(settings, number) for number in range(count)]))
    if serving:
        ending = Ending(settings.lame_duck)
        run(serve(settings, serving, ending), ending=ending)
    sys.exit(0)


def _asked_for(service: str, roles: Sequence[str], *, with_workers: bool) -> tuple[dict[str, None], int]:
    """The roles in their order, and in how many processes."""
    parser = argparse.ArgumentParser(prog=f"services.{service}.main")
    parser.add_argument("roles", nargs="+", choices=(*MIGRATIONS, *roles))
    if with_workers:
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes of the role api at its port")
    given = parser.parse_args()
    wanted, count = dict.fromkeys(given.roles), getattr(given, "workers", 1)
    if count < 1 or (count > 1 and [role for role in wanted if role not in MIGRATIONS] != ["api"]):
        parser.error("--workers is 1 or more, and for the role api alone")
    return wanted, count


async def _awaited(work: Awaitable[object]) -> None:
    await work
