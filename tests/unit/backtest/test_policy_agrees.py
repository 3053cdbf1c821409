"""The notifier and a backtest hold back the same: one rule, asked by both."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.channel_rules import BY_PHONE, ONE_A_CART
from libs.contracts.kinds import ONCE_A_CART, TRANSACTIONAL
from libs.policy.held_back import Wait
from libs.policy.laws import Laws
from libs.policy.store_rules import StoreRules
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.policy import Go, Rules, check
from services.trigger.backtest.policy import StorePolicy
from services.trigger.domain.reach import Reach
from services.trigger.domain.told import Told
from tests.unit.notifier.making import contact, recipient, reminder
from tests.unit.trigger.making import kind_names

CART = UUID(int=5)
LAWS = Laws.read()
T0 = datetime(2026, 3, 27, tzinfo=UTC)
ZONES = ["Europe/Warsaw", "America/New_York", None]
HOURS = st.sampled_from(["", "21:00-09:00", "12:00-14:00"])
CAPS = st.sampled_from([0, 1, 16])


def test_what_both_know_of_kinds_and_channels_is_the_same():
    shared = KINDS.keys() & kind_names()
    assert {name for name in shared if KINDS[name].purpose == "transactional"} == TRANSACTIONAL
    assert {name for name in shared if KINDS[name].once_a_cart} == ONCE_A_CART
    assert {name for name, channel in CHANNELS.items() if channel.once_a_cart} == ONE_A_CART
    assert CHANNELS.keys() >= BY_PHONE


@given(
    rules=st.builds(
        lambda quiet, mail, text: StoreRules(
            email_from="a@shop.example", sms_from="+15005550006", time_zone="Europe/Berlin",
            quiet_hours=quiet, email_cap_hours=mail, sms_cap_hours=text,
        ),
        HOURS, CAPS, CAPS,
    ),
    kind=st.sampled_from(sorted(KINDS.keys() & kind_names())),
    channel=st.sampled_from(["email", "sms"]),
    zone=st.sampled_from(ZONES),
    address=st.sampled_from([(None, None), ("US", None), ("US", "RI"), ("FR", None)]),
    before=st.integers(0, 40),
    now=st.integers(0, 72 * 4),
    laws=st.sampled_from([LAWS, None]),
)  # fmt: skip
def test_a_backtest_holds_back_what_the_notifier_would(rules, kind, channel, zone, address, before, now, laws):
    """Somebody who was sent one message of a kind, and is due for another: of a German store, by a German number."""
    first, second = T0, T0 + timedelta(minutes=15 * now)
    expires = second + timedelta(hours=6)
    cart: dict[str, Any] = {"cart_id": CART, "cart_version": 1, "kind": kind, "channel": channel}
    policy = StorePolicy(rules, laws, {"c": Reach(True, True, zone, None, *address)}.get)
    quiet_since = first - timedelta(hours=before)
    facts: dict[str, Any] = {"customer_id": "c", "campaign": "cart", "kind": kind, "step": 1, "name": "s"}
    facts |= {"channel": channel, "outcome": "would_send", "reason": "idle", "cart_id": CART, "cart_version": 1}
    facts |= {"arm": None, "total": 0, "currency": "EUR", "channels": (channel,), "quiet_since": quiet_since}
    one = Told(due_at=first, expires_at=first + timedelta(days=9), **facts)
    sent = [*policy.ask(one, 0), *(found for _, _, found in policy.through(second))]
    sent_at = next((found.sent_at for found in sent if found.sent_at), None)
    tried = next(iter(policy.ask(one._replace(due_at=second, expires_at=expires), 1)), None)

    known = KINDS[kind]
    once = CHANNELS[channel].once_a_cart and known.once_a_cart
    asked = Rules(
        rules.cap(channel), rules.quiet, rules.zone, once_a_cart=once,
        transactional=known.purpose == "transactional", laws=laws,
    )  # fmt: skip
    state = recipient(
        contact=contact(timezone=zone, phone="+4915112345678"), timezone=zone, country=address[0], region=address[1],
        last_sent_at=sent_at if known.needs_consent else None, episode_sent=sent_at is not None and once,
    )  # fmt: skip
    verdict = check(
        reminder(**cart, due_at=second, expires_at=expires, received_at=second, quiet_since=quiet_since),
        state, asked, second,
    )  # fmt: skip
    if isinstance(verdict, Go):
        assert tried is not None
        assert tried.sent_at == second
    elif tried is None:
        assert isinstance(verdict, Wait)
    else:
        assert (tried.outcome, tried.reason) == ("skipped", verdict.reason)
