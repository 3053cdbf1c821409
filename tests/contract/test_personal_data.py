"""Personal data travels one road: `customer.profiles`. Every field of every other event was looked at by a person."""

import pytest

from libs.contracts.codec import encode
from libs.contracts.events import EVENTS, Event, MessageUnsubscribed, ProfileSet, ReachSet, StoreDescribed
from libs.contracts.topics import CUSTOMER_PROFILES
from tests.contract.samples import FULL

IDS = {"event_id", "cart_id", "store_id", "customer_id", "line_id", "from_cart_id", "into_cart_id", "order_id"}
IDS |= {"recipient_id", "reopened", "reminder_id", "provider_id", "erasure_id", "customer_ids"}
ERASURE = {"service", "places", "profile_version"}
CONSENT = {
    "wording",
    "confirmed_at",
    "given_at",
    "every",
}  # our own question, when somebody said yes to it, a word of ours
PREFERENCES = {"wanted", "paused_until", "page", "changed_at"}  # words of ours, and when they were chosen
GOODS_AND_MONEY = {
    "goods",
    "status",
    "mismatch",
    "sku",
    "skus",
    "holds",
    "changed",  # words of ours
    "silent",
    "mismatches",  # of a customer nobody is named
    "told_before",
    "lines",  # sku, units, price
    "channel",  # a word of the shop's
    "placed_at",
    "tracking_url",  # the carrier's page of a parcel: names nobody
    "origin",  # a word of ours
    "backorder",
    "units",
    "total",
    "currency",
    "added",
    "asked_price",
    "quantity",
    "previous",
    "available",
}
VERSIONS_AND_TIMES = {
    "cart_version",
    "goods_version",
    "level_version",
    "occurred_at",
    "happened_at",
    "quiet_since",
    "due_at",
    "decided_at",
    "expires_at",
}
CAMPAIGN = {
    "campaign",
    "campaign_version",
    "step_name",
    "arm",
    "outcome",
    "kind",
    "step",
    "channel",
    "channels",
    "template",
    "threshold",
    "also_low",
    "price",
    "viewed",  # skus, for 30 days
    "exit_on",
    "variant",
    "weight",  # of a bounce: hard, soft, ours
    "coupon",
    "coupon_from",  # a pool, and no code of anybody
    "coupon_pool",
    "suspected",  # of a click: why it may be a machine's
    "prefetch",  # of an open: whose program fetched ahead
    "times_abandoned",
    "provider",  # of those that the shop has chosen, by its name in the settings
    "reason",
}
STOCK = {"location", "category", "rearm_above"}  # of goods: a warehouse, never an address of anybody
PRICES = {"price_version", "prices"}
DEVICE = {"device"}  # a word that the shop chooses, such as "phone"; the API says so
STORE = {
    "store_version",
    "time_zone",
    "messages",
    "hosts",
    "currencies",
}  # of the shop itself: its senders, its looks, its rules
ASSETS = {"assets_version", "templates", "pools"}  # names that the shop has given, and no words or codes
HORIZON = {"of", "until", "ends", "recorded"}  # a topic, a moment and offsets
OF_SHOPS: dict[type[Event], set[str]] = {
    MessageUnsubscribed: {"by"},  # `link`, `preferences` or `reply`
    StoreDescribed: {"name", "locale"},
    ReachSet: {"email", "sms", "timezone", "country", "region", "reach_version"},
}  # a name that is a shop's, and yes or no, where others with the field have what is people's
WATCH = {"watch_id", "watch_version", "set_at"}
IMPERSONAL = IDS | GOODS_AND_MONEY | VERSIONS_AND_TIMES | CAMPAIGN | STOCK | PRICES | DEVICE | ERASURE | STORE | HORIZON
IMPERSONAL |= WATCH | CONSENT | PREFERENCES | ASSETS


@pytest.mark.parametrize("kind", [k for k in EVENTS if k is not ProfileSet], ids=lambda k: k.type)
def test_an_event_has_no_field_that_was_not_reviewed_as_impersonal(kind: type[Event]) -> None:
    assert set(kind.model_fields) - IMPERSONAL - OF_SHOPS.get(kind, set()) == set()


def test_personal_fields_are_only_in_the_profile() -> None:
    personal = {"email", "phone", "name", "timezone", "locale", "email_consent", "sms_consent"} | {
        *("email_consent_at", "sms_consent_at", "unconfirmed", "handles", "country", "region")
    }
    assert set(ProfileSet.model_fields) - IMPERSONAL == personal
    assert ProfileSet.topic == CUSTOMER_PROFILES.name
    assert CUSTOMER_PROFILES.config["cleanup.policy"] == "compact", "an erasure has to make Kafka forget"


@pytest.mark.parametrize("event", FULL.values(), ids=lambda e: e.type)
def test_headers_and_key_name_nobody_but_by_an_id(event: Event) -> None:
    record = encode(event, "/evercart/golden")
    outside = f"{record.key} {record.headers}".casefold()
    personal = FULL[ProfileSet].model_dump(include={"email", "phone", "name"})
    assert all(value.casefold() not in outside for value in personal.values())
    assert record.headers["ce_subject"]
