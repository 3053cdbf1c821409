"""Looks for what is wrong each minute, and tells ops."""

import structlog

from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool
from libs.runtime.run_every import run_every
from services.console.clients.mail import MailError
from services.console.handlers.faults import Faults, Mail, tell

INTERVAL_S = 60.0
log = structlog.get_logger(__name__)


class Log:
    """Ops without an address read of it in the log, which has it already."""

    async def send(self, subject: str, text: str) -> None:
        """Nothing more."""


class FaultsJob:
    """A round each minute; `pages` is where the console is, for the mails."""

    def __init__(self, pool: Pool, faults: Faults, mail: Mail, pages: str) -> None:
        self._pool, self._faults, self._mail, self._pages = pool, faults, mail, pages

    async def run(self) -> None:
        """Looks until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "faults.failed", FAILURES)

    async def round(self) -> None:
        """One look, and what ops have to know of it; what the relay does not take is told the next time."""
        await self._faults.look()
        try:
            await tell(self._pool, self._mail, self._pages)
        except MailError as error:
            log.warning("faults.untold", error=str(error))
