"""Credentials that opened nothing are told of: which door, which store and why, never what was tried or by whom."""

import structlog
from prometheus_client import Counter

log = structlog.get_logger(__name__)

REFUSED = Counter("evercart_refused_log_ins_total", "Credentials and signatures that were none", ["door", "reason"])


def note_refused(door: str, store_id: str, reason: str) -> None:
    """Counts and logs one; `reason` is one of few words of ours."""
    REFUSED.labels(door, reason).inc()
    log.warning("log_in.refused", door=door, store=store_id, reason=reason)
