"""Figures of the console about itself; no label names a person."""

from prometheus_client import Gauge

FAULTS = Gauge("evercart_console_faults", "Faults in force, which ops were told of, by kind", ["kind"])
STALE = Gauge("evercart_console_stale", "What of the sums is older than the rows: days of stores", ["what"])
UNREAD = Gauge("evercart_console_unread", "Records of a topic that this process has still to read", ["topic"])
READ_LAG = Gauge(
    "evercart_console_read_lag_seconds",
    "How old the newest event is that this process has read of a topic, where more wait; 0 where none does",
    ["topic"],
)
