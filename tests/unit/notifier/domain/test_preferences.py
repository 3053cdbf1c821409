"""What a form changes of what a recipient wants, and the way back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.kinds.registry import ABOUT_NO_CART, KINDS
from services.notifier.domain.preferences import (
    LINK_DAYS,
    PAUSE,
    ChannelState,
    Preferences,
    Wish,
    before,
    masked,
    paused,
    resumed,
    saved,
    undone,
)
from services.notifier.domain.purposes import DECLINABLE
from tests.unit.notifier.making import NOON

ALL = frozenset(DECLINABLE)
CARTS, NEWS = frozenset({"cart_reminders"}), frozenset({"marketing"})
EMAIL = ChannelState("email", ("customer:anna", "address:1"), "anna@mail.example", agreed=True)
SMS = ChannelState("sms", ("customer:anna", "address:2"), "+4915112345678", agreed=True)
OPEN = Preferences((EMAIL, SMS), None, proven=True)


def email(proven: bool = True, **known) -> Preferences:
    return Preferences((replace(EMAIL, **known), SMS), None, proven)


def test_every_kind_has_a_purpose_and_what_can_be_declined_needs_consent():
    of = {name: kind.purpose for name, kind in {**KINDS, **ABOUT_NO_CART}.items()}
    assert {name for name, purpose in of.items() if purpose == "cart_reminders"} == {
        *("abandoned_cart", "abandoned_checkout", "saved_items", "shop_cart_reminder")
    }
    assert {name for name, purpose in of.items() if purpose == "stock_alerts"} == {
        *("low_stock", "back_in_stock", "price_drop", "shop_stock_alert")
    }
    assert {name for name, purpose in of.items() if purpose == "marketing"} == {
        *("browse", "post_purchase", "win_back", "shop_marketing")
    }
    assert ABOUT_NO_CART["back_in_stock"].purpose == "stock_alerts"
    assert {name for name, kind in KINDS.items() if not kind.needs_consent} == {
        name for name, purpose in of.items() if purpose in ("transactional", "confirmation")
    }


@pytest.mark.parametrize(
    ("known", "wanted", "editable"),
    [
        ({}, ALL, True),
        ({"declined": NEWS}, ALL - NEWS, True),
        ({"unsubscribed": True}, frozenset(), True),
        ({"agreed": False}, frozenset(), False),
        ({"closed": "stop"}, frozenset(), False),
    ],
)
def test_what_is_on(known, wanted, editable):
    state = replace(EMAIL, **known)
    assert (state.wanted, state.editable) == (wanted, editable)


@pytest.mark.parametrize(
    ("known", "agreeable"),
    [
        ({}, True),
        ({"channel": "sms"}, True),
        ({"unsubscribed": True}, False),
        ({"unsubscribed": True, "of_link": True}, True),
        ({"of_link": True}, True),
        ({"agreed": True}, False),
        ({"closed": "stop"}, False),
        ({"closed": "stop", "of_link": True}, False),
        ({"address": None}, False),
        ({"channel": "telegram"}, False),
    ],
)
def test_to_what_somebody_may_agree_who_has_not(known, agreeable):
    assert replace(EMAIL, **({"agreed": False} | known)).agreeable is agreeable


def test_a_form_changes_what_differs_and_only_the_channels_that_it_shows():
    assert saved(OPEN, {"email": CARTS, "sms": ALL}) == Wish({"email": CARTS})
    assert saved(OPEN, {"email": frozenset()}) == Wish({"email": frozenset()})
    assert saved(OPEN, {}) == Wish({})
    assert saved(OPEN, {"pigeon": ALL}) == Wish({})
    assert saved(OPEN, {"email": CARTS | {"gossip"}}) == Wish({"email": CARTS})
    assert saved(email(closed="bounced"), {"email": ALL, "sms": ALL}) == Wish({})
    assert saved(email(agreed=False), {"email": ALL, "sms": NEWS}) == Wish({"sms": NEWS})
    assert saved(email(unsubscribed=True), {"email": NEWS}) == Wish({"email": NEWS})


def test_who_does_not_have_the_address_any_more_closes_and_opens_nothing():
    assert saved(email(proven=False), {"email": CARTS}) == Wish({"email": CARTS})
    assert saved(email(proven=False, declined=NEWS), {"email": ALL}) == Wish({})
    assert saved(email(proven=False, declined=NEWS), {"email": NEWS | CARTS}) == Wish({"email": CARTS})
    resting = replace(email(proven=False), paused_until=NOON + PAUSE)
    assert resumed(resting, NOON) == Wish({})
    assert paused(email(proven=False), NOON)
    assert undone(email(proven=False, declined=NEWS), Wish({"email": ALL}), Wish({"email": ALL - NEWS}), NOON) == Wish(
        {}
    )


def test_a_pause_is_thirty_days_once_and_ends():
    assert timedelta(days=30) == PAUSE
    assert timedelta(days=365) == LINK_DAYS
    wish = paused(OPEN, NOON)
    assert (wish.wanted, wish.paused_until, wish.speaks_of_pause) == ({}, NOON + PAUSE, True)
    resting = replace(OPEN, paused_until=NOON + PAUSE)
    assert paused(resting, NOON + timedelta(days=29)) == Wish({})
    assert paused(resting, NOON + PAUSE) == Wish({}, NOON + 2 * PAUSE, speaks_of_pause=True), "it is over by then"
    assert resumed(resting, NOON) == Wish({}, None, speaks_of_pause=True)
    assert resumed(resting, NOON + PAUSE) == resumed(OPEN, NOON) == Wish({})
    assert resting.resting(NOON + PAUSE - timedelta(microseconds=1)) == NOON + PAUSE
    assert (resting.resting(NOON + PAUSE), OPEN.resting(NOON)) == (None, None)


def test_a_wish_is_nothing_or_something():
    assert not Wish({})
    assert Wish({"email": frozenset()})
    assert Wish({}, None, speaks_of_pause=True)


def test_undo_takes_back_what_stands_as_the_change_left_it():
    was, became = Wish({"email": ALL, "sms": ALL}), Wish({"email": CARTS, "sms": NEWS})
    stands = Preferences((replace(EMAIL, declined=ALL - CARTS), replace(SMS, declined=CARTS)), None, proven=True)
    assert undone(stands, was, became, NOON) == Wish({"email": ALL}), "the texts were changed again since"
    closed = Preferences((replace(EMAIL, declined=ALL - CARTS, closed="stop"),), None, proven=True)
    assert undone(closed, was, became, NOON) == Wish({})
    unwanted = Preferences((replace(EMAIL, closed="stop"),), None, proven=True)
    assert undone(unwanted, Wish({"email": ALL}), Wish({"email": frozenset()}), NOON) == Wish({})


def test_undo_of_a_pause_ends_it_unless_it_is_another_by_now():
    was, became = Wish({}, None, speaks_of_pause=True), Wish({}, NOON + PAUSE, speaks_of_pause=True)
    resting = replace(OPEN, paused_until=NOON + PAUSE)
    assert undone(resting, was, became, NOON) == Wish({}, None, speaks_of_pause=True)
    assert undone(OPEN, was, became, NOON) == Wish({})
    assert undone(OPEN, became, was, NOON) == Wish({}, NOON + PAUSE, speaks_of_pause=True)
    assert undone(replace(OPEN, paused_until=NOON + 2 * PAUSE), was, became, NOON) == Wish({})


def test_before_is_how_that_stands_which_is_changed():
    resting = replace(email(declined=NEWS), paused_until=NOON + PAUSE)
    assert before(resting, Wish({"email": CARTS}), NOON) == Wish({"email": ALL - NEWS})
    assert before(resting, resumed(resting, NOON), NOON) == Wish({}, NOON + PAUSE, speaks_of_pause=True)
    assert before(OPEN, paused(OPEN, NOON), NOON) == Wish({}, None, speaks_of_pause=True)


SETS = st.frozensets(st.sampled_from(DECLINABLE))


@given(declined=SETS, unsubscribed=st.booleans(), ticked=SETS)
def test_whatever_was_saved_can_be_undone(declined, unsubscribed, ticked):
    stands = email(declined=declined, unsubscribed=unsubscribed)
    wish = saved(stands, {"email": ticked})
    way_back = before(stands, wish, NOON)
    after = email(declined=ALL - ticked if ticked else frozenset(), unsubscribed=not ticked)
    back = undone(after, way_back, wish, NOON)
    assert back.wanted.get("email", stands.channels[0].wanted) == stands.channels[0].wanted
    assert bool(back) == bool(wish)


@given(st.dictionaries(st.sampled_from(["email", "sms"]), SETS), st.one_of(st.none(), st.just(NOON)), st.booleans())
def test_a_wish_is_kept_as_it_is(wanted, until, speaks):
    wish = Wish(wanted, until if speaks else None, speaks)
    assert Wish.of_json(json.loads(json.dumps(wish.as_json()))) == wish


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@mail.example", "a•••@m•••.example"),
        ("a@b.co.uk", "a•••@b•••.uk"),
        ("жанна@пошта.укр", "ж•••@п•••.укр"),
        ("anna@localhost", "a•••@•••.localhost"),
        ("+4915112345678", "+••••••78"),
        ("987654321", "••••••21"),
    ],
)
def test_an_address_is_never_shown_whole(address, shown):
    assert masked(address) == shown
