"""How the services are, out of what they measure of themselves (Prometheus' text). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

SLOW_S, STUCK_S = 60.0, 600.0
OUTBOX, READING = "evercart_outbox_behind_seconds", "evercart_trigger_read_lag_seconds"
REFUSED = "evercart_notifier_refused_us"
GOOD, SLOW, STUCK = "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something measured: `what` is a word of the page, `of` says of what; `state` is good, warn or bad."""

    what: str
    of: str
    value: float
    state: str


def signs_of(text: str) -> list[Sign]:
    """What a process says that somebody at night has to know."""
    return list(_signs(text))


def _signs(text: str) -> Iterator[Sign]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            of = " ".join(value for _, value in sorted(sample.labels.items()))
            if sample.name in (OUTBOX, READING):
                what = "outbox" if sample.name == OUTBOX else "reading"
                state = STUCK if sample.value > STUCK_S else SLOW if sample.value > SLOW_S else GOOD
                yield Sign(what, of, sample.value, state)
            elif sample.name == f"{REFUSED}_total" and sample.value:
                yield Sign("refused", of, sample.value, SLOW)
