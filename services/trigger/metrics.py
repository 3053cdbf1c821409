"""What the trigger tells Prometheus."""

from prometheus_client import Counter, Gauge

EVENTS = Counter("evercart_trigger_events_total", "Events by what they did: changed or dropped (seen, older)", ["what"])
LATE = Counter(
    "evercart_trigger_late_events_total",
    "Events that came after their partition had been taken as read past them: `settle` is too short, or they are again",
)
TIMERS = Counter(
    "evercart_trigger_timers_total",
    "Timers: armed by a change; then fired, expired, skipped, voided (a change came first), overtaken (a change came "
    "after, but was read together with what was due), called_off (by somebody of the shop), broken (could not be "
    "decided on)",
    ["what"],
)
WITHOUT_RECIPIENT = Counter(
    "evercart_trigger_without_recipient_total",
    "Times that a cart went quiet of which nobody could be told, for it has no recipient",
)
LAG = Gauge(
    "evercart_trigger_read_lag_seconds", "How far the least read partition of a topic is behind the clock", ["topic"]
)
CROSSINGS = Counter("evercart_trigger_crossings_total", "Levels that fell to a low-stock threshold")
ASKED_BY_FAN_OUT = Counter("evercart_trigger_fan_out_reminders_total", "Low-stock reminders asked for")
FAN_OUTS = Counter("evercart_trigger_fan_outs_total", "Fan-outs by how they ended", ["state"])
