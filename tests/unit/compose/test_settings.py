"""What docker-compose.yml tells the programs is what they understand, all that they need, and no secret of its own."""

import re
from dataclasses import fields
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from deploy.playground.settings import Settings as PlaygroundSettings
from libs.files.yaml_file import load
from libs.http.server_keys import UNNAMED, caller_of
from libs.kafka.settings import KafkaAccess
from services.cart.domain.store import Store
from services.cart.settings import CartSettings
from services.console.settings import ConsoleSettings
from services.notifier.channels.registry import CHANNELS
from services.notifier.settings import NotifierSettings
from services.trigger.settings import TriggerSettings
from tests.support.bearing import bearing
from tests.unit.compose.stack import (
    COMPOSE,
    OURS,
    ROOT,
    SERVICES,
    environment,
    filled,
    local_values,
    passed_on,
    program,
    values_of,
    variables,
)

SETTINGS: dict[str, type[BaseSettings]] = {
    "cart": CartSettings,
    "trigger": TriggerSettings,
    "notifier": NotifierSettings,
    "console": ConsoleSettings,
}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY|STORES$|_SID|DATABASE_URL")
HELD = {"HOST", "PORT", "HEALTH_HOST", "HEALTH_PORT", "STORES_DIR", "CAMPAIGNS_DIR", "TEMPLATES_DIR"}
"""Addresses, ports and folders within a container: compose says what of this machine leads there."""
PRODUCTION = "deploy/compose.production.env"
OF_SERVICES = [name for name in OURS if program(name)[0].startswith("services.")]


def fields_of(kind: type[BaseSettings]) -> dict[str, bool]:
    """Every variable that a service reads, and whether it is required; the notifier's providers have their own."""
    kinds: list[type[BaseSettings]] = [kind]
    if kind is NotifierSettings:
        providers = [provider for channel in CHANNELS.values() for provider in channel.providers.values()]
        kinds += [provider.settings for provider in providers]
        kinds += [provider.events.settings for provider in providers if provider.events]
    return {
        f"{prefix_of(one)}{name.upper()}": field.is_required()
        for one in kinds
        for name, field in one.model_fields.items()
    }


def settings_of(name: str) -> type[BaseSettings]:
    return SETTINGS[program(name)[0].split(".")[1]]


def prefix_of(settings: type[BaseSettings]) -> str:
    return str(settings.model_config["env_prefix"])


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> Any:
    def settle(name: str, **changed: str) -> BaseSettings:
        for key, value in environment(name, local_values() | changed).items():
            monkeypatch.setenv(key, value)
        return settings_of(name)()

    return settle


@pytest.mark.parametrize("name", OF_SERVICES)
def test_a_service_is_told_only_what_its_settings_know(name: str) -> None:
    assert set(environment(name)) - set(fields_of(settings_of(name))) == set()


@pytest.mark.parametrize("name", OF_SERVICES)
def test_every_setting_can_be_set_from_outside_by_its_own_name(name: str) -> None:
    """TRIGGER_KEYS was missing: an export of the compose stack left out what the trigger holds."""
    told = SERVICES[name]["environment"]
    for variable in fields_of(settings_of(name)):
        if variable.partition("_")[2] not in HELD:
            assert variable in told, f"compose never passes {variable} on to {name}"
            from_outside = {variable, "EVERCART_MODE"} & {found["name"] for found in variables(told[variable])}
            assert told[variable] is None or from_outside, f"compose alone says what {variable} is"


def test_the_topics_are_created_with_every_setting_of_kafka() -> None:
    assert set(environment("topics")) == {name.upper() for name in KafkaAccess.model_fields}
    assert set(environment("topics", {})) == {"KAFKA_BOOTSTRAP"}


def test_what_is_held_inside_is_where_compose_mounts_it() -> None:
    for name in OF_SERVICES:
        mounted = {v["target"] for v in SERVICES[name]["volumes"]}
        assert {value for key, value in environment(name).items() if key.endswith("_DIR")} <= mounted


@pytest.mark.parametrize("name", OF_SERVICES)
def test_the_settings_accept_the_local_values(name: str, settled: Any) -> None:
    settings = settled(name)
    assert settings.mode == "local"
    assert settings.kafka_bootstrap == "kafka:9092"
    owner = program(name)[0].split(".")[1]
    password = local_values()[f"{owner.upper()}_DB_PASSWORD"]
    assert settings.database_url.get_secret_value() == f"postgresql://{owner}:{password}@postgres:5432/{owner}"


@pytest.mark.parametrize("name", OF_SERVICES)
def test_the_production_file_filled_in_is_all_that_production_needs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = {key: f"sk_of_the_installation_{key.lower()}" for key in values_of(PRODUCTION)}
    chosen |= {"NOTIFIER_PUBLIC_URL": "https://reminders.example"}
    for key, value in environment(name, chosen).items():
        monkeypatch.setenv(key, value)
    settings: Any = settings_of(name)()
    assert settings.mode == "production"


def test_the_production_file_names_what_compose_insists_on_and_holds_no_value() -> None:
    required = {found["name"] for found in variables(COMPOSE) if found["how"] == ":?"}
    assert values_of(PRODUCTION) == dict.fromkeys(required, "")


def test_the_production_file_offers_only_what_compose_passes_on_and_no_local_switch() -> None:
    text = (ROOT / PRODUCTION).read_text(encoding="utf-8")
    offered = set(re.findall(r"^# ([A-Z_]+)=", text, re.MULTILINE))
    assert offered
    assert offered <= {found["name"] for found in variables(COMPOSE)} | passed_on()
    local = {"COMPOSE_PROFILES", "EVERCART_MODE", "CART_ALLOW_OCCURRED_AT", "EVERCART_JWT_KEY", "EVERCART_SECRET_KEY"}
    assert not [name for name in local if name in text]
    assert "throwaway" not in text


def test_the_playground_is_told_what_it_knows_and_needs() -> None:
    known = {f"PLAYGROUND_{field.name.upper()}" for field in fields(PlaygroundSettings)}
    told = environment("playground", local_values())
    assert set(told) <= known
    assert PlaygroundSettings.from_environment(told).port == 8080


def test_the_shop_and_the_notifier_hold_keys_that_the_cart_knows(settled: Any) -> None:
    folder = settled("cart-api").stores_dir
    (mounted,) = (v for v in SERVICES["cart-api"]["volumes"] if v["target"] == str(folder))
    store = load(ROOT / filled(mounted["source"], local_values()) / "demo.yaml", Store)
    keys = {key.get_secret_value() for key in store.secret_keys}
    shop = environment("playground", local_values())
    assert store.jwt_key is not None
    assert shop["PLAYGROUND_STORE_JWT_KEY"] == store.jwt_key.get_secret_value()
    assert shop["PLAYGROUND_STORE_SECRET_KEY"] in keys
    named = [one for found in settled("notifier-web").keys.values() for one in found if one.name == UNNAMED]
    assert {one.key.get_secret_value() for one in named} == keys
    assert settled("notifier-delivery").cart_key in settled("cart-api").look_keys


@pytest.mark.parametrize("service", ["trigger", "notifier"])
def test_the_console_is_known_by_a_name_of_its_own(service: str, settled: Any) -> None:
    given = getattr(settled("console-web"), f"{service}_keys")["demo"].get_secret_value()
    asked = settled({"trigger": "trigger-timers", "notifier": "notifier-web"}[service])
    caller = caller_of(bearing(given), asked.keys, "demo")
    (server,) = [one for one in asked.keys["demo"] if one.name == UNNAMED]
    assert (caller.name, caller.scopes) == ("console", server.scopes)


def without_values(text: str) -> str:
    """What compose makes of a text where nothing is set; empty where it refuses to."""
    try:
        return filled(text, {})
    except KeyError:
        return ""


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_comes_from_outside_and_has_no_default(name: str) -> None:
    for key, value in environment(name).items():
        if SECRET.search(key) and value:
            assert list(variables(value)), f"{key} stands in the file"
            assert without_values(value) == "", f"{key} has a default"


def test_nothing_in_the_compose_file_is_a_value_of_the_local_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    secrets = {key: value for key, value in local_values().items() if SECRET.search(key)}
    assert all("throwaway" in value for value in secrets.values())
    assert not [key for key, value in secrets.items() if value in text]


def test_the_local_file_sets_exactly_what_the_compose_file_asks_for() -> None:
    asked = {found["name"]: found["how"] for found in variables(COMPOSE)}
    required = {name for name, how in asked.items() if how == ":?"}
    given = set(local_values()) - {"COMPOSE_PROFILES"}
    assert required <= given
    assert given <= set(asked) | passed_on()


def test_what_is_missing_is_named_with_the_way_out() -> None:
    messages = {found["rest"] for found in variables(COMPOSE) if found["how"] == ":?"}
    assert messages == {"see deploy/compose.production.env, or try --env-file deploy/compose.local.env"}
