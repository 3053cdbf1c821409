"""Why requests for a message's link may be a machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.click import AT_ONCE, Link, one_of_many, suspicion

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
LATER = timedelta(minutes=3)
CLICKED = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_person_s_browser_that_asks_later_is_not_suspected() -> None:
    assert suspicion("GET", {"user-agent": PHONE}, LATER) is None
    assert suspicion("GET", {"user-agent": PHONE, "purpose": "", "sec-purpose": "navigate"}, LATER) is None


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_only_a_get_is_a_person_s(method: str) -> None:
    assert suspicion(method, {"user-agent": PHONE}, LATER) == "head"


def test_what_asks_within_ten_seconds_has_not_read_it() -> None:
    assert timedelta(seconds=10) == AT_ONCE
    assert suspicion("GET", {"user-agent": PHONE}, AT_ONCE - timedelta(microseconds=1)) == "first_seconds"
    assert suspicion("GET", {"user-agent": PHONE}, -AT_ONCE) == "first_seconds", "clocks of two servers"
    assert suspicion("GET", {"user-agent": PHONE}, AT_ONCE) is None


@pytest.mark.parametrize("name", ["sec-purpose", "purpose", "x-purpose", "x-moz"])
@pytest.mark.parametrize("value", ["prefetch", "Prefetch;prerender", "prerender", "preview"])
def test_what_is_fetched_ahead_is_suspected(name: str, value: str) -> None:
    assert suspicion("GET", {"user-agent": PHONE, name: value}, LATER) == "prefetch"


def test_what_a_request_says_of_itself_goes_before_when_it_came() -> None:
    now = timedelta(0)
    assert suspicion("HEAD", {"purpose": "prefetch"}, now) == "head"
    assert suspicion("GET", {"purpose": "prefetch"}, now) == "prefetch"
    assert suspicion("GET", {"user-agent": "curl/8.4.0"}, now) == "scanner"


@pytest.mark.parametrize(
    "agent",
    [
        "facebookexternalhit/1.1",
        "WhatsApp/2.23.20",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0",
        "Mozilla/5.0 SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (compatible; Googlebot/2.1)",
        "SomeCrawler/1",
        "Baiduspider",
        "Barracuda Sentinel link scanner",
        "Yahoo! Slurp",
        "curl/8.4.0",
        "Wget/1.21",
        "python-requests/2.31",
        "Go-http-client/2.0",
        "okhttp/4.9",
        "Java/17",
        "",
    ],
)
def test_machines_are_suspected(agent: str) -> None:
    assert suspicion("GET", {"user-agent": agent}, LATER) == "scanner"
    assert suspicion("GET", {}, LATER) == "scanner"


def test_a_word_within_another_is_no_machine() -> None:
    assert suspicion("GET", {"user-agent": PHONE + " Botanica/1"}, LATER) is None


def beside(**seconds: float) -> dict[Link, datetime]:
    """When other links of a message were asked for, in seconds after its cart was."""
    links: tuple[Link, ...] = ("cart", "unsubscribe", "preferences", "hidden")
    return {link: CLICKED + timedelta(seconds=seconds[link]) for link in links if link in seconds}


@pytest.mark.parametrize(
    ("channel", "others", "why"),
    [
        ("email", beside(), None),
        ("email", beside(unsubscribe=1), None),
        ("email", beside(preferences=1), None),
        ("email", beside(unsubscribe=-10, preferences=10), "burst"),
        ("email", beside(unsubscribe=-10.1, preferences=10), None),
        ("email", beside(unsubscribe=-10, preferences=10.1), None),
        ("email", beside(hidden=10), "hidden_link"),
        ("email", beside(hidden=-10), "hidden_link"),
        ("email", beside(hidden=10.1), None),
        ("email", beside(unsubscribe=1, preferences=2, hidden=3), "hidden_link"),
        ("sms", beside(), None),
        ("sms", beside(unsubscribe=10), "burst"),
        ("sms", beside(unsubscribe=-10.1), None),
        ("whatsapp", beside(unsubscribe=-3), "burst"),
    ],
)
def test_who_asks_for_all_links_or_for_one_that_nobody_sees_is_a_machine(channel, others, why) -> None:
    assert one_of_many(channel, CLICKED, others) == why
