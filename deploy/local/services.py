"""The processes of a stack besides its servers: how each is started and when it is ready."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.local.folders import ROOT
from deploy.local.health import healthy
from deploy.local.program import Program
from deploy.local.stack import Stack
from libs.http.keys import EVERY_STORE
from libs.http.server_keys import UNNAMED
from services.console.settings import SCOPES as CONSOLE_SCOPES
from services.notifier.settings import SCOPES as NOTIFIER_SCOPES
from services.trigger.settings import SCOPES as TRIGGER_SCOPES

DATABASES = ("cart", "trigger", "notifier", "console")


@dataclass(frozen=True)
class Member:
    """A process of the stack. `ready` may block for two seconds; `port` is the one to show, None if there is none."""

    program: Program
    ready: Callable[[], bool]
    port: int | None

    @property
    def name(self) -> str:
        """The program's name."""
        return self.program.name


def services(stack: Stack, dsn: Callable[[str], str]) -> list[list[Member]]:
    """The services in the order of their start; those of one step start together. `dsn` gives a service's database."""
    ports = stack.ports
    return [
        [
            _member("cart-api", ports.cart, "services.cart.main", ["api"], cart_env(stack, dsn)),
            _member(
                "cart-relay", ports.cart_relay_health, "services.cart.main", ["relay", "feeds"], cart_env(stack, dsn)
            ),
            _member("playground", ports.playground, "deploy.playground", [], playground_env(stack)),
        ],
        [
            _member(
                "trigger", ports.trigger_health, "services.trigger.main", ["consumer", "timers", "relay"],
                trigger_env(stack, dsn),
            ),
            _member(
                "notifier", ports.notifier, "services.notifier.main", ["consumer", "delivery", "relay", "web"],
                notifier_env(stack, dsn),
            ),
            _member(
                "console", ports.console, "services.console.main", ["consumer", "jobs", "relay", "web"],
                console_env(stack, dsn),
            ),
        ],
    ]  # fmt: skip


def campaigns(stack: Stack, dsn: Callable[[str], str]) -> Program:
    """The one-shot program that switches the campaigns on that are there, before there is a cart."""
    return _python("trigger-migrate", "services.trigger.main", ["migrate"], trigger_env(stack, dsn))


def topics(stack: Stack) -> Program:
    """The one-shot program that makes the topics."""
    arguments = ["--prefix", stack.topic_prefix, "--replication", str(stack.replication)]
    return _python("topics", "deploy.kafka.topics", arguments, stack.kafka_env)


def _common(prefix: str, stack: Stack, database: str, health_port: int) -> dict[str, str]:
    values = {
        "MODE": "local",
        "DATABASE_URL": database,
        **stack.kafka_env,
        "TOPIC_PREFIX": stack.topic_prefix,
        "LOG_FORMAT": "console",
        "HEALTH_HOST": "127.0.0.1",
        "HEALTH_PORT": str(health_port),
    }
    return {f"{prefix}_{name}": value for name, value in values.items()}


def cart_env(stack: Stack, dsn: Callable[[str], str]) -> dict[str, str]:
    """Settings of the cart service."""
    return {
        **_common("CART", stack, dsn("cart"), stack.ports.cart_relay_health),
        "CART_HOST": "127.0.0.1",
        "CART_PORT": str(stack.ports.cart),
        "CART_STORES_DIR": str(stack.stores_dir),
        "CART_TOKEN_SECRET": stack.secrets.cart_token_secret,
        "CART_OPS_KEYS": json.dumps([stack.secrets.ops_key]),
        "CART_LOOK_KEYS": json.dumps([stack.secrets.look_key]),
        "CART_ALLOW_OCCURRED_AT": "true",
        "CART_RATE_LIMITS": "false",  # recorded traffic comes in as fast as it can
    }


def trigger_env(stack: Stack, dsn: Callable[[str], str]) -> dict[str, str]:
    """Settings of the trigger service."""
    return {
        **_common("TRIGGER", stack, dsn("trigger"), stack.ports.trigger_health),
        "TRIGGER_CAMPAIGNS_DIR": str(stack.campaigns),
        "TRIGGER_SETTLE_SECONDS": "1",
        "TRIGGER_KEYS": _keys_with_console(stack, TRIGGER_SCOPES),
    }


def notifier_env(stack: Stack, dsn: Callable[[str], str]) -> dict[str, str]:
    """Settings of the notifier service."""
    return {
        **_common("NOTIFIER", stack, dsn("notifier"), stack.ports.notifier),
        "NOTIFIER_CART_URL": stack.cart_url,
        "NOTIFIER_CART_KEY": stack.secrets.look_key,
        "NOTIFIER_KEYS": _keys_with_console(stack, NOTIFIER_SCOPES),
        "NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NOTIFIER_SMTP_PORT": str(stack.ports.smtp),
        "NOTIFIER_SMTP_STARTTLS": "false",
        "NOTIFIER_TWILIO_BASE_URL": stack.playground_url,
        "NOTIFIER_TWILIO_ACCOUNT_SID": stack.secrets.twilio_account_sid,
        "NOTIFIER_TWILIO_AUTH_TOKEN": stack.secrets.twilio_auth_token,
        "NOTIFIER_HOST": "127.0.0.1",
        "NOTIFIER_PORT": str(stack.ports.notifier),
        "NOTIFIER_PUBLIC_URL": stack.notifier_url,
        "NOTIFIER_LINK_SECRET": stack.secrets.link_secret,
    }


def console_env(stack: Stack, dsn: Callable[[str], str]) -> dict[str, str]:
    """Settings of the console."""
    return {
        **_common("CONSOLE", stack, dsn("console"), stack.ports.console),
        "CONSOLE_HOST": "127.0.0.1",
        "CONSOLE_PORT": str(stack.ports.console),
        "CONSOLE_KEYS": json.dumps(_scoped_keys(stack, CONSOLE_SCOPES)),
        "CONSOLE_CART_URL": stack.cart_url,
        "CONSOLE_TRIGGER_URL": stack.trigger_url,
        "CONSOLE_NOTIFIER_URL": stack.notifier_url,
        "CONSOLE_CART_KEYS": _server_keys(stack),
        "CONSOLE_TRIGGER_KEYS": _console_keys(stack),
        "CONSOLE_NOTIFIER_KEYS": _console_keys(stack),
        "CONSOLE_PROCESSES": json.dumps(
            [
                f"cart-api={stack.cart_url}",
                f"cart-relay=http://127.0.0.1:{stack.ports.cart_relay_health}",
                f"trigger={stack.trigger_url}",
                f"notifier={stack.notifier_url}",
            ]
        ),
        "CONSOLE_FIRST_LINK": stack.secrets.console_first_link,
        "CONSOLE_PUBLIC_URL": stack.console_url,
    }


def playground_env(stack: Stack) -> dict[str, str]:
    """Settings of the SMTP catcher, Twilio's stand-in, and the shop and inbox pages."""
    store = stack.stores["demo"]
    return {
        "PLAYGROUND_HOST": "127.0.0.1",
        "PLAYGROUND_PORT": str(stack.ports.playground),
        "PLAYGROUND_SMTP_PORT": str(stack.ports.smtp),
        "PLAYGROUND_CART_URL": stack.cart_url,
        "PLAYGROUND_NOTIFIER_URL": stack.notifier_url,
        "PLAYGROUND_STORE": "demo",
        "PLAYGROUND_STORE_NAME": store.name,
        "PLAYGROUND_STORE_JWT_KEY": store.jwt_key,
        "PLAYGROUND_STORE_SECRET_KEY": store.secret_key,
        "PLAYGROUND_CURRENCY": store.currency,
        "PLAYGROUND_STATE_DIR": str(stack.state / "playground"),
        "PLAYGROUND_TWILIO_ACCOUNT_SID": stack.secrets.twilio_account_sid,
        "PLAYGROUND_TWILIO_AUTH_TOKEN": stack.secrets.twilio_auth_token,
    }


def _server_keys(stack: Stack) -> str:
    """With the keys that they have at the cart service ops and the stores' servers may ask the others, too."""
    keys = {store_id: store.secret_key for store_id, store in stack.stores.items()}
    return json.dumps({EVERY_STORE: stack.secrets.ops_key, **keys})


def _scoped_keys(stack: Stack, scopes: tuple[str, ...]) -> dict[str, list[dict[str, object]]]:
    """The same keys, with which they may change what the scopes are for, too."""
    keys = json.loads(_server_keys(stack))
    return {store_id: [{"name": UNNAMED, "key": key, "scopes": scopes}] for store_id, key in keys.items()}


def _keys_with_console(stack: Stack, scopes: tuple[str, ...]) -> str:
    """And the console's own, by whose name its acts are told from those of the shop's servers."""
    keys = _scoped_keys(stack, scopes)
    keys[EVERY_STORE].append({"name": "console", "key": stack.secrets.console_key, "scopes": scopes})
    return json.dumps(keys)


def _console_keys(stack: Stack) -> str:
    """With one key the console asks for every store."""
    return json.dumps({EVERY_STORE: stack.secrets.console_key})


def _python(name: str, module: str, arguments: list[str], env: Mapping[str, str]) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), {**env, "PYTHONUNBUFFERED": "1"}, cwd=ROOT)


def _member(name: str, port: int, module: str, arguments: list[str], env: Mapping[str, str]) -> Member:
    return Member(_python(name, module, arguments, env), lambda: healthy(port), port)
