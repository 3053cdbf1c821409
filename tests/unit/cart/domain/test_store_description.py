"""What is told of a store holds all that its messages need, and none of its secrets."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic_core import to_json

from libs.contracts.events import StoreDescribed
from libs.contracts.events import StoreMessages as ToldMessages
from services.cart.domain.store import SECRETS, Store
from services.cart.domain.store_description import description
from services.cart.domain.store_messages import StoreMessages

CANARY = "sk_canary_0123456789abcdef_canary"
STORE = Store(
    name="Lantern\r\nBcc: all@example.com",
    currency="PLN",
    currencies=("EUR", "PLN"),
    jwt_key=SecretStr(CANARY),
    secret_keys=(SecretStr(CANARY),),
    recovery_url="https://shop.example/{token}",
    messages=StoreMessages(email_from="hello@lantern.example"),
)


def kinds(annotation: Any) -> Iterator[Any]:
    """A type and the types inside of it."""
    yield annotation
    for part in get_args(annotation):
        yield from kinds(part)


def fields(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, set[Any]]]:
    """Every field of a model and of the models in it, with the types that it is made of."""
    for name, field in model.model_fields.items():
        inside = set(kinds(field.annotation))
        yield place + name, inside
        for kind in inside:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind, f"{place}{name}.")


def test_no_field_that_is_told_is_a_secret_of_the_store() -> None:
    secret = {name for name, inside in fields(Store) if SecretStr in inside}
    assert secret == set(SECRETS), "a secret stands at the top, where the registry of secrets names it"
    told = {part for name, _ in fields(StoreDescribed) for part in name.split(".")}
    assert told & secret == set()
    assert not [name for name, inside in fields(StoreDescribed) if SecretStr in inside]


def test_nothing_that_is_told_holds_the_value_of_a_secret() -> None:
    assert CANARY not in to_json(description(STORE)).decode()


def test_every_setting_for_messages_is_told_and_the_contract_has_the_same_defaults() -> None:
    assert StoreMessages.model_fields.keys() == ToldMessages.model_fields.keys()
    since_then = {
        "soft_bounces": "3 in 7d",
        "email_fail_over": (),
        "sms_fail_over": (),
        "channels": {},
        "test_addresses": (),
        "repeat_every": "month",
        "repeat_products": (),
        "dkim_selectors": (),
    }  # None where none is told
    assert StoreMessages().model_dump() == ToldMessages().model_dump() | since_then


def test_further_channels_are_told_of_a_store_that_has_any() -> None:
    """Of all others nothing is said: else a release would have them all described anew."""
    assert "channels" not in description(STORE)["messages"]
    messages = StoreMessages.model_validate({"channels": {"whatsapp": {"sender": "+48221234567"}}})
    told = description(STORE.model_copy(update={"messages": messages}))["messages"]["channels"]
    assert told["whatsapp"]["sender"] == "+48221234567"


def test_a_description_fills_the_event_but_for_its_envelope() -> None:
    envelope = {"event_id", "occurred_at", "store_id", "store_version"}
    assert set(description(STORE)) == set(StoreDescribed.model_fields) - envelope


def test_a_name_is_told_as_one_line() -> None:
    assert description(STORE)["name"] == "Lantern Bcc: all@example.com"


def test_a_name_is_told_as_long_as_a_header_may_be() -> None:
    assert description(STORE.model_copy(update={"name": "x" * 200 + "y"}))["name"] == "x" * 200


def test_a_store_without_messages_is_told_to_have_none() -> None:
    assert "messages" not in description(STORE.model_copy(update={"messages": None}))


def test_a_name_is_told_with_up_to_200_characters_and_what_is_not_set_is_left_open() -> None:
    told = description(STORE.model_copy(update={"name": "x" * 201}))
    assert told["name"] == "x" * 200
    assert "quiet_hours" not in told["messages"]
    assert "messages" not in description(STORE.model_copy(update={"messages": None}))


def test_currencies_are_told_of_a_store_that_names_more_than_its_own() -> None:
    """One that names none sells in any."""
    assert description(STORE)["currencies"] == ["EUR", "PLN"]
    assert "currencies" not in description(STORE.model_copy(update={"currencies": ()}))


def test_its_own_currency_is_told_for_those_who_count_in_it() -> None:
    assert description(STORE)["currency"] == STORE.currency
