"""What a shop's server may hand over, and under which kind it goes."""

from uuid import UUID

import pytest

from services.notifier.domain.hand_over import (
    NEEDS,
    Asked,
    NotHandedOverError,
    check_variables,
    declared_in,
    fingerprint,
    kind_for,
    message_id_of,
)
from services.notifier.domain.kinds.registry import KINDS, OF_SHOPS
from services.notifier.rendering.samples import kind_shipped
from tests.unit.notifier.making import reminder, snapshot

GIVEN = ("cart_id", "order_id", "sku", "price", "viewed")


def asked(template: str = "birthday", purpose: str = "marketing", given: tuple[str, ...] = GIVEN) -> Asked:
    return Asked(template, purpose, given)


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        ("cart_reminders", "shop_cart_reminder"),
        ("stock_alerts", "shop_stock_alert"),
        ("marketing", "shop_marketing"),
        ("transactional", "shop_notice"),
    ],
)
def test_words_of_a_shop_s_own_go_under_the_kind_of_their_purpose(purpose, kind):
    assert kind_for(asked(purpose=purpose), None) == kind
    assert KINDS[kind].purpose == purpose
    assert {KINDS[name].purpose: name for name in KINDS if name.startswith("shop_")} == OF_SHOPS


def test_a_message_of_a_shop_s_own_claims_nothing_shows_no_goods_and_leads_where_it_says():
    kind = KINDS["shop_marketing"]
    seen, plain = snapshot(), reminder(kind="shop_marketing", cart_id=None)
    assert kind.about == "customer"
    assert (kind.why_not(plain, seen), kind.lines(plain, seen), kind.counted(plain, seen)) == (None, (), 0)
    assert kind.leads_to(plain, seen) == seen.recovery_url
    linked = reminder(kind="shop_marketing", variables={"link": "https://shop.example/x"})
    assert kind.leads_to(linked, seen) == "https://shop.example/x"
    assert kind.leads_to(reminder(variables={"gift": "x"}), seen) == seen.recovery_url


def test_what_ships_goes_under_its_own_kind_for_its_own_purpose():
    assert kind_for(asked("win_back"), "win_back") == "win_back"
    with pytest.raises(NotHandedOverError, match=r"^the purpose of win_back is marketing$"):
        kind_for(asked("win_back", "transactional"), "win_back")
    for question in ("confirmation", "monthly_confirmation"):
        with pytest.raises(NotHandedOverError, match=r"when a profile or a wish waits for a yes"):
            kind_for(asked(question, "transactional"), question)


@pytest.mark.parametrize(("kind", "needs"), sorted(NEEDS.items()))
def test_what_it_speaks_of_has_to_be_named(kind, needs):
    purpose = KINDS[kind].purpose
    assert kind_for(asked(kind, purpose, needs), kind) == kind
    for missing in needs:
        with pytest.raises(NotHandedOverError, match=f"^{kind} needs {missing}$"):
            kind_for(asked(kind, purpose, tuple(one for one in needs if one != missing)), kind)


def test_every_kind_that_ships_was_looked_at():
    alone = {"saved_items", "win_back", "confirmation", "monthly_confirmation", *OF_SHOPS.values()}
    assert set(NEEDS) | alone == set(KINDS)
    assert NEEDS["price_drop"] == ("cart_id", "sku", "price")
    assert NEEDS["order_shipped"] == NEEDS["post_purchase"] == ("order_id",)
    with pytest.raises(NotHandedOverError, match=r"^low_stock needs cart_id and sku$"):
        kind_for(asked("low_stock", "stock_alerts", ()), "low_stock")


@pytest.mark.parametrize(
    ("template", "kind"),
    [("abandoned_cart_2", "abandoned_cart"), ("order_shipped", "order_shipped"), ("birthday", None), ("win", None)],
)
def test_a_template_is_of_the_kind_that_its_name_begins_with(template, kind):
    assert kind_shipped(template) == kind


def test_variables_are_those_that_the_template_declares():
    check_variables({"gift": "Cake"}, ("gift",))
    check_variables({}, ())
    for given, declared, says in (
        ({}, ("gift", "day"), "^the template needs the variable day, gift$"),
        ({"gift": " \t"}, ("gift",), "^the template needs the variable gift$"),
        ({"a": "1", "b": "2", "gift": "x"}, ("gift",), "^the template declares no variable a, b$"),
    ):
        with pytest.raises(NotHandedOverError, match=says):
            check_variables(given, declared)


def test_no_variable_is_called_as_what_a_message_has_by_itself():
    assert declared_in(" gift  until_day ") == ("gift", "until_day")
    assert declared_in("") == ()
    for wrong in ("store", "unsubscribe_url", "link", "Gift", "1st", "a-b", "a" * 33):
        with pytest.raises(NotHandedOverError, match=f"^{wrong} can't be the name of a variable$"):
            declared_in(f"gift {wrong}")
    assert declared_in("a" * 32) == ("a" * 32,)
    with pytest.raises(NotHandedOverError, match=r"^store can't be"):
        declared_in("store link")


def test_the_same_store_and_key_name_the_same_message():
    assert message_id_of("shop", "k") == message_id_of("shop", "k") == UUID("8d2eb903-790c-5fcf-b938-0c9bfe11f28f")
    assert len({message_id_of("shop", "k"), message_id_of("shop2", "k"), message_id_of("shop", "2k")}) == 3


def test_the_same_said_in_another_order_is_the_same():
    assert fingerprint({"a": 1, "b": "ж"}) == fingerprint({"b": "ж", "a": 1}) != fingerprint({"a": 1, "b": "з"})
    assert fingerprint({"a": "ж"}) == "9462f285e8277eb8b572a9be8c59eb4663eff93642f0e93caac8a26e79d7068b", "to releases"
    assert fingerprint({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
