"""Who may what, how long a log-in lasts, which form is its own, and how often one may fail."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

import pytest

from services.console.domain.attempts import OF_ONE_ADDRESS, OF_ONE_CALLER, WINDOW, Attempts, calling
from services.console.domain.passwords import LONGEST, fault_of
from services.console.domain.people import Person, is_address, same_address
from services.console.domain.roles import RIGHTS, ROLES, Right, Role, may, rights_of
from services.console.domain.sessions import (
    TOUCH,
    Lasting,
    Session,
    digest,
    form_token,
    is_form_token,
    new_token,
)

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fc00::/7"))
HOLDERS: dict[Right, set[Role]] = {
    "figures:read": set(ROLES),
    "stock:read": set(ROLES),
    "health:read": set(ROLES),
    "messages:read": {"marketer", "support", "ops", "owner"},
    "upcoming:read": {"marketer", "support", "ops", "owner"},
    "contents:read": {"marketer", "support", "owner"},
    "templates:read": {"marketer", "support", "owner"},
    "templates:write": {"marketer", "owner"},
    "tests:send": {"marketer", "support", "owner"},
    "campaigns:write": {"marketer", "owner"},
    "messages:pause": {"marketer", "ops", "owner"},
    "reminders:cancel": {"marketer", "support", "ops", "owner"},
    "customers:read": {"support", "owner"},
    "customers:export": {"support", "owner"},
    "customers:erase": {"support", "owner"},
    "merges:undo": {"support", "owner"},
    "carts:write": {"support", "owner"},
    "replies:read": {"support", "ops", "owner"},
    "suppressions:read": {"support", "ops", "owner"},
    "replies:answer": {"support", "owner"},
    "suppressions:lift": {"support", "owner"},
    "letters:replay": {"ops", "owner"},
    "audit:read": {"ops", "owner"},
    "settings:read": {"ops", "owner"},
    "stores:write": {"owner"},
    "keys:write": {"owner"},
    "people:write": {"owner"},
}


def test_every_right_has_exactly_these_holders():
    assert set(HOLDERS) == RIGHTS
    for right, roles in HOLDERS.items():
        assert {role for role in ROLES if may(role, right)} == roles
    assert rights_of("owner") == RIGHTS


def test_somebody_sees_their_stores_and_who_has_all_sees_all():
    some = Person(UUID(int=1), "a@b.example", "A", "viewer", frozenset({"shop"}))
    everywhere = Person(UUID(int=1), "a@b.example", "A", "ops", frozenset({"*"}))
    assert (some.sees("shop"), some.sees("other"), everywhere.sees("other")) == (True, False, True)
    assert (some.may("messages:pause"), everywhere.may("messages:pause")) == (False, True)


@pytest.mark.parametrize(
    ("given", "fine"),
    [
        ("a@b.example", True),
        ("a@b", False),
        ("@b.example", False),
        ("a.example", False),
        ("a b@c.example", False),
        ("a\x07@b.example", False),
        (f"{'a' * 244}@b.example", True),
        (f"{'a' * 245}@b.example", False),
    ],
)
def test_an_address_looks_like_one(given: str, fine: bool):
    assert is_address(given) is fine


def test_addresses_are_the_same_whatever_their_case():
    assert same_address(" Mia@Shop.EXAMPLE ") == "mia@shop.example"


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("elevensigns", "too_short"),
        ("twelve signs", None),
        ("abcdabcdabcd", "too_plain"),
        ("abcdeabcdeab", None),
        ("x" * 5 + "abcdefg" * 27 + "abcdef", None),
        ("abcdefgh" * 25 + "x", "too_long"),
        ("Olga Example1", "too_close"),
        ("olga.shop olga.shop", "too_close"),
        ("OLGA.SHOP and six", None),
        ("olga.shop12345", "too_close"),
        ("olga.shop123456", None),
    ],
)
def test_a_password_is_long_enough_and_not_one_s_name(password: str, fault: str | None):
    assert fault_of(password, "olga.shop@x.example", "Olga Example") == fault


def test_short_names_are_no_reason_to_refuse_a_password():
    assert fault_of("a b a b c d e f g", "a@b.example", "Al") is None
    assert fault_of("ola ola 1 ola ola", "ola@b.example", "Ola") is None
    assert fault_of("olga olga 1 olga", "a@b.example", "Olga") == "too_close", "four letters are a name"
    assert len("x" * LONGEST) == 200


@pytest.mark.parametrize(
    ("begun", "seen", "lasts"),
    [
        (timedelta(0), timedelta(0), True),
        (timedelta(days=6), timedelta(hours=2) - timedelta(seconds=1), True),
        (timedelta(days=6), timedelta(hours=2), False),
        (timedelta(days=7), timedelta(0), False),
        (timedelta(days=7) - timedelta(seconds=1), timedelta(0), True),
    ],
)
def test_a_session_ends_idle_and_at_last(begun: timedelta, seen: timedelta, lasts: bool):
    session = Session(b"", UUID(int=1), NOW - begun, NOW - seen)
    assert session.lasts(NOW, Lasting(timedelta(hours=2), timedelta(days=7))) is lasts


def test_a_use_is_written_down_once_a_minute():
    assert not Session(b"", UUID(int=1), NOW, NOW).to_touch(NOW + TOUCH - timedelta(microseconds=1))
    assert Session(b"", UUID(int=1), NOW, NOW).to_touch(NOW + TOUCH)
    assert timedelta(minutes=1) == TOUCH


def test_left_alone_a_log_in_lasts_half_a_day_and_never_longer_than_a_week():
    assert Lasting() == Lasting(timedelta(hours=12), timedelta(days=7))


def test_a_form_is_of_its_session_alone_and_never_the_same_twice():
    one, other = new_token(), new_token()
    assert one != other
    assert len(one) == 43, "256 bits, six to a sign"
    assert form_token(one) != form_token(one)
    assert is_form_token(form_token(one), one)
    assert not is_form_token(form_token(one), other)
    for wrong in ("", "00", "zz", form_token(one)[:-2], form_token(one) + "00", "é"):
        assert not is_form_token(wrong, one)
    assert one not in form_token(one)


def test_tokens_are_kept_as_hashes():
    assert digest("a") == bytes.fromhex("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")


@pytest.mark.parametrize(
    ("failures", "ago", "waits"),
    [
        (OF_ONE_ADDRESS - 1, timedelta(0), False),
        (OF_ONE_ADDRESS, timedelta(0), True),
        (OF_ONE_ADDRESS, WINDOW - timedelta(seconds=1), True),
        (OF_ONE_ADDRESS, WINDOW, False),
        (OF_ONE_ADDRESS + 9, WINDOW / 2, True),
    ],
)
def test_who_failed_too_often_waits_until_the_window_ends(failures: int, ago: timedelta, waits: bool):
    assert (timedelta(minutes=15), 8, 40) == (WINDOW, OF_ONE_ADDRESS, OF_ONE_CALLER)
    until = Attempts(failures, NOW - ago).waits_until(NOW, OF_ONE_ADDRESS)
    assert until == (NOW - ago + WINDOW if waits else None)


@pytest.mark.parametrize(
    ("peer", "forwarded", "told"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "nonsense", ""),
        ("", "198.51.100.1", ""),
        ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_the_caller_is_whom_our_proxies_say_and_nobody_else_s(peer: str, forwarded: str, told: str):
    assert calling(peer, forwarded, PROXIES) == told
