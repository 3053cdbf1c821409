"""deploy/docs/retention.md says of every topic and every setting what the code does."""

import re
from datetime import timedelta
from pathlib import Path

from libs.contracts.topics import DAY_MS, TOPICS, Topic, dlq
from services.cart.domain.store import Expiry, Retention
from services.console.jobs.retention import KEEP_ERASED as CONSOLE_KEEP_ERASED
from services.console.settings import ConsoleSettings
from services.notifier.domain.store import Store as NotifierStore
from services.notifier.jobs.retention import KEEP_ERASED
from services.trigger.settings import TriggerSettings
from services.trigger.timers import KEEP_CLOSED

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "deploy/docs/retention.md").read_text(encoding="utf-8")


def rows(section: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)
    ][2:]


def told(topic: Topic) -> tuple[str, str]:
    """Policy and days of a topic as the page says them."""
    by_name = {name.strip("`"): (policy, days) for name, policy, days, _ in rows("Topics")}
    letters = topic.name.endswith(".dlq")
    return by_name.get(topic.name) or (by_name["<topic>.dlq"] if letters else ("", ""))


def test_every_topic_is_kept_as_the_page_says() -> None:
    for topic in TOPICS:
        kept = topic.config.get("retention.ms")
        days = str(int(kept) // DAY_MS) if kept else ""
        assert told(topic) == (topic.config["cleanup.policy"], days), topic.name
    named = {name.strip("`") for name, *_ in rows("Topics")} - {"<topic>.dlq"}
    assert named <= {topic.name for topic in TOPICS}


def test_every_setting_has_the_default_that_the_page_says() -> None:
    expected = {
        **{
            f"expiry.{name}": Expiry.model_fields[name].default
            for name in ("customer_days", "guest_days", "closed_days")
        },
        **{f"retention.{name}": field.default for name, field in Retention.model_fields.items()},
        "CONSOLE_RAW_DAYS": ConsoleSettings.model_fields["raw_days"].default,
        "TRIGGER_DECISIONS_DAYS": TriggerSettings.model_fields["decisions_days"].default,
        **{name: NotifierStore.model_fields[name].default for name in ("messages_days", "replies_days")},
    }
    said = {match.group(1): days for _, _, days, by in rows("Data") if (match := re.match(r"`([\w.]+)`", by))}
    said.pop("reservation_minutes")
    assert {name: float(days.split(",")[0]) for name, days in said.items()} == expected


def test_hashes_of_the_erased_and_closed_carts_outlive_what_any_topic_may_still_tell() -> None:
    longest = max(topic.forgets_after or timedelta() for topic in TOPICS)
    assert min(KEEP_ERASED, KEEP_CLOSED, CONSOLE_KEEP_ERASED) > longest


def test_what_may_name_people_is_forgotten_by_every_topic() -> None:
    for name in (
        "cart.events",
        "customer.profiles",
        "customer.erasures",
        "reminder.requests",
        "reminder.decisions",
        "message.events",
        "orders.feed",
    ):
        for topic in (name, dlq(name)):
            (one,) = [t for t in TOPICS if t.name == topic]
            assert one.forgets_after is not None, topic
