"""Who is told which campaigns can't be used: the log, and a metric."""

import structlog
from prometheus_client import Gauge

log = structlog.get_logger(__name__)

BROKEN = Gauge("evercart_trigger_campaign_file_broken", "1 while a campaign file is not in force as it is", ["file"])


class _Told:
    """Faults go to log and metric."""

    def broken(self, name: str, error: str, *, kept_old: bool) -> None:
        BROKEN.labels(name).set(1)
        log.error("campaigns.broken", error=error, kept_old=kept_old)

    def mended(self, name: str) -> None:
        BROKEN.labels(name).set(0)


told_of = _Told()
