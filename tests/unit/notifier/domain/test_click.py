"""Which requests for a message's link are somebody's click."""

from datetime import timedelta

import pytest

from services.notifier.domain.click import AT_ONCE, is_click

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
LATER = timedelta(minutes=3)


def test_a_person_s_browser_that_asks_later_is_a_click() -> None:
    assert is_click("GET", {"user-agent": PHONE}, LATER)
    assert is_click("GET", {"user-agent": PHONE, "purpose": "", "sec-purpose": "navigate"}, LATER)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_only_a_get_is_one(method: str) -> None:
    assert not is_click(method, {"user-agent": PHONE}, LATER)


def test_what_asks_within_ten_seconds_has_not_read_it() -> None:
    assert timedelta(seconds=10) == AT_ONCE
    assert not is_click("GET", {"user-agent": PHONE}, AT_ONCE - timedelta(microseconds=1))
    assert is_click("GET", {"user-agent": PHONE}, AT_ONCE)


@pytest.mark.parametrize("name", ["sec-purpose", "purpose", "x-purpose", "x-moz"])
@pytest.mark.parametrize("value", ["prefetch", "Prefetch;prerender", "prerender", "preview"])
def test_what_is_fetched_ahead_is_none(name: str, value: str) -> None:
    assert not is_click("GET", {"user-agent": PHONE, name: value}, LATER)


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
def test_machines_are_none(agent: str) -> None:
    assert not is_click("GET", {"user-agent": agent}, LATER)
    assert not is_click("GET", {}, LATER)


def test_a_word_within_another_is_no_machine() -> None:
    assert is_click("GET", {"user-agent": PHONE + " Botanica/1"}, LATER)
