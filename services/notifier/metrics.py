"""Figures of the notifier; no label names a person."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter(
    "evercart_notifier_deliveries_total", "Deliveries that have ended", ["channel", "outcome", "reason"]
)
PUT_OFF = Counter("evercart_notifier_put_off_total", "Deliveries that were put off", ["channel", "reason"])
REFUSED_US = Counter(
    "evercart_notifier_refused_us_total",
    "Messages that wait because a provider refuses us, not them: log-in, sender or account want repair",
    ["channel", "store", "reason"],
)
AGE = Histogram(
    "evercart_notifier_age_at_send_seconds",
    "From a reminder's due time to the provider's yes",
    ["channel"],
    buckets=(1, 2, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600),
)
PROVIDER = Histogram("evercart_notifier_provider_seconds", "How long providers take for a message", ["channel"])
LOOK_AGE = Histogram(
    "evercart_notifier_look_age_seconds",
    "How old the last look was when the provider was given the message",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
LANE_SHUT = Gauge(
    "evercart_notifier_lane_shut",
    "1 while a store's messages on a channel wait because its provider fails or hangs",
    ["store", "channel"],
)
ANSWERS = Counter(
    "evercart_notifier_answers_total",
    "What providers have told of messages, by what it was and what became of it",
    ["provider", "answer", "taken"],
)
PROVIDER_SHUT = Gauge(
    "evercart_notifier_provider_shut",
    "1 while a store's messages go by another of its providers because this one fails",
    ["store", "channel", "provider"],
)
FAILED_OVER = Counter(
    "evercart_notifier_failed_over_total",
    "Messages that a provider was given because the one before it in the store's order surely took nothing",
    ["store", "channel", "provider"],
)
REPLIES = Counter("evercart_notifier_replies_total", "Text messages that came in, by what they asked for", ["meaning"])
COUPONS = Counter(
    "evercart_notifier_coupons_total",
    "Codes that messages were to offer, by the store's pool: reserved, or why there was none",
    ["store", "pool", "outcome"],
)
COUPON_POOL_LOW = Gauge(
    "evercart_notifier_coupon_pool_low",
    "1 while a store's pool of coupons has no more free codes than the number at which it runs low",
    ["store", "pool"],
)
