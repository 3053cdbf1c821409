"""What the local stack tells its services is what they understand."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from deploy.local.servers import databases
from deploy.local.services import (
    campaigns,
    cart_env,
    console_env,
    notifier_env,
    playground_env,
    services,
    topics,
    trigger_env,
)
from deploy.local.stack import Ports, Stack
from deploy.local.store_files import write_stores
from deploy.local.up import CAMPAIGNS
from deploy.playground.settings import Settings as PlaygroundSettings
from libs.http.keys import EVERY_STORE
from libs.http.server_keys import caller_of
from services.cart.settings import CartSettings
from services.cart.stores.files import StoreFolder
from services.cart.stores.registry import StoreRegistry
from services.console.settings import ConsoleSettings
from services.notifier.channels.providers import configured
from services.notifier.channels.registry import CHANNELS
from services.notifier.settings import SCOPES as NOTIFIER_SCOPES
from services.notifier.settings import NotifierSettings
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.kinds.protocols import CartCampaign
from services.trigger.settings import SCOPES as TRIGGER_SCOPES
from services.trigger.settings import TriggerSettings
from tests.support.bearing import bearing


def dsn(service: str) -> str:
    return f"postgresql://evercart:secret@127.0.0.1:5432/{service}"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(state=tmp_path, ports=Ports.settle(Ports()))


@pytest.mark.parametrize(
    ("kind", "env"),
    [
        (CartSettings, cart_env),
        (TriggerSettings, trigger_env),
        (NotifierSettings, notifier_env),
        (ConsoleSettings, console_env),
    ],
)
def test_every_variable_is_one_that_the_service_knows(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, kind: type[BaseSettings], env
) -> None:
    stack.campaigns.mkdir()
    given = env(stack, dsn)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    kind()
    kinds = [kind]
    if kind is NotifierSettings:
        kinds += [provider.settings for channel in CHANNELS.values() for provider in channel.providers.values()]
    assert set(given) <= {
        f"{one.model_config['env_prefix']}{name.upper()}" for one in kinds for name in one.model_fields
    }


def test_the_providers_of_the_notifier_are_configured(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in notifier_env(stack, dsn).items():
        monkeypatch.setenv(name, value)
    named = (("email", "smtp"), ("sms", "twilio"))
    providers = [CHANNELS[channel].providers[provider].settings for channel, provider in named]
    assert not [told for kind in providers if isinstance(told := configured(kind), str)]


@pytest.mark.parametrize("store_id", ["demo", "replay", "another"])
def test_trigger_and_notifier_know_the_console_by_a_name_of_its_own(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, store_id: str
) -> None:
    stack.campaigns.mkdir()
    for name, value in {**trigger_env(stack, dsn), **notifier_env(stack, dsn), **console_env(stack, dsn)}.items():
        monkeypatch.setenv(name, value)
    console = ConsoleSettings()
    for given, asked, scopes in (
        (console.trigger_keys, TriggerSettings().keys, TRIGGER_SCOPES),
        (console.notifier_keys, NotifierSettings().keys, NOTIFIER_SCOPES),
    ):
        caller = caller_of(bearing(given[EVERY_STORE].get_secret_value()), asked, store_id)
        assert (caller.name, caller.scopes) == ("console", frozenset(scopes))
        assert caller_of(bearing(stack.secrets.ops_key), asked, store_id).name == "server"
        assert caller_of(bearing(stack.stores["demo"].secret_key), asked, "demo").name == "server"


def test_the_playground_takes_its_variables(stack: Stack) -> None:
    assert PlaygroundSettings.from_environment(playground_env(stack)).smtp_port == stack.ports.smtp


def test_every_port_of_the_stack_is_used_once(stack: Stack) -> None:
    shown = [member.port or 0 for step in services(stack, dsn) for member in step]
    brokers = [port for pair in stack.model_copy(update={"brokers": 3}).broker_ports for port in pair]
    servers = [stack.ports.postgres, stack.ports.smtp, *brokers]
    assert sorted([*shown, *servers]) == sorted(stack.ports.model_dump().values())


def test_no_secret_stands_in_a_command_line(stack: Stack) -> None:
    programs = [member.program for step in services(stack, dsn) for member in step]
    programs += [databases(stack), campaigns(stack, dsn), topics(stack)]
    secrets = {*stack.secrets.model_dump().values(), "secret"}
    secrets |= {key for store in stack.stores.values() for key in (store.jwt_key, store.secret_key)}
    for program in programs:
        assert not any(secret in part for part in program.argv for secret in secrets), program.name


def test_the_cart_reads_the_stores_that_are_written_for_it(stack: Stack) -> None:
    write_stores(stack)
    book = StoreRegistry({})
    StoreFolder(Path(cart_env(stack, dsn)["CART_STORES_DIR"]), book).open()
    assert set(book.ids()) == set(stack.stores)
    assert {path.stat().st_mode & 0o777 for path in stack.stores_dir.iterdir()} == {0o600}


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda path: path.name)
def test_the_campaign_files_that_a_stack_begins_with_are_valid(campaign: Path) -> None:
    assert load_campaigns(campaign)


def test_delays_are_seconds_in_the_shop_of_the_stack() -> None:
    on_carts = [one for one in load_campaigns(CAMPAIGNS[0]).campaigns if isinstance(one, CartCampaign)]
    delays = [step.delay.total_seconds() for campaign in on_carts for step in campaign.steps]
    assert delays
    assert max(delays) < 100
