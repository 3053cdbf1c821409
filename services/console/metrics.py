"""Figures of the console about itself; no label names a person."""

from prometheus_client import Gauge

STALE = Gauge("evercart_console_stale", "What of the sums is older than the rows: days of stores", ["what"])
