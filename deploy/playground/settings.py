"""Settings of the playground, read from the environment with the prefix ``PLAYGROUND_``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "PLAYGROUND_"


class SettingsError(ValueError):
    """Some settings are missing or malformed; the text names each of them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` serves the pages, the JSON API and Twilio's endpoint, ``smtp_port`` takes mail; 0 means any free port.

    ``cart_url`` is the cart API's base as a browser reaches it, ``cart_backend_url`` as this process does. The same
    goes for the notifier's two; callbacks are signed for the public one.
    ``keep`` bounds how many received messages are kept; the oldest are dropped.
    """

    host: str
    port: int
    smtp_port: int
    cart_url: str
    cart_backend_url: str
    store: str
    store_name: str
    store_jwt_key: str
    store_secret_key: str
    currency: str
    state_dir: Path
    twilio_account_sid: str
    twilio_auth_token: str
    notifier_url: str
    notifier_backend_url: str
    keep: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises `SettingsError` with every complaint at once."""
        defaults = {
            "host": "127.0.0.1",
            "port": "8090",
            "smtp_port": "8025",
            "store": "demo",
            "store_name": "Lantern & Loom",
            "currency": "EUR",
            "notifier_url": "",
            "keep": "2000",
            "cart_backend_url": environment.get(PREFIX + "CART_URL", ""),
            "notifier_backend_url": environment.get(PREFIX + "NOTIFIER_URL", ""),
        }
        given = {
            field.name: environment.get(PREFIX + field.name.upper(), defaults.get(field.name)) for field in fields(cls)
        }
        problems = [f"{PREFIX}{name.upper()} is missing" for name, value in given.items() if value is None]
        values = {name: value or "" for name, value in given.items()}
        problems += _complaints(values)
        if problems:
            raise SettingsError("; ".join(problems))
        return cls(
            host=values["host"],
            port=int(values["port"]),
            smtp_port=int(values["smtp_port"]),
            cart_url=values["cart_url"].rstrip("/"),
            cart_backend_url=values["cart_backend_url"].rstrip("/"),
            store=values["store"],
            store_name=values["store_name"],
            store_jwt_key=values["store_jwt_key"],
            store_secret_key=values["store_secret_key"],
            currency=values["currency"],
            state_dir=Path(values["state_dir"]),
            twilio_account_sid=values["twilio_account_sid"],
            twilio_auth_token=values["twilio_auth_token"],
            notifier_url=values["notifier_url"].rstrip("/"),
            notifier_backend_url=values["notifier_backend_url"].rstrip("/"),
            keep=int(values["keep"]),
        )


def _complaints(values: Mapping[str, str]) -> list[str]:
    problems = []
    for name, highest in (("port", 65535), ("smtp_port", 65535), ("keep", 1_000_000)):
        if not values[name].isdecimal() or int(values[name]) > highest:
            problems.append(f"{PREFIX}{name.upper()} must be a number up to {highest}")
    problems += [
        f"{PREFIX}{name.upper()} must be an http or https URL"
        for name in ("cart_url", "cart_backend_url", "notifier_url", "notifier_backend_url")
        if values[name] and urlsplit(values[name]).scheme not in ("http", "https")
    ]
    return problems
