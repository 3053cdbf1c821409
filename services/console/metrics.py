"""Figures of the console about itself; no label names a person."""

from prometheus_client import Gauge

FAULTS = Gauge("evercart_console_faults", "Faults in force, which ops were told of, by kind", ["kind"])
STALE = Gauge("evercart_console_stale", "What of the sums is older than the rows: days of stores", ["what"])
