"""deploy/docs/settings.md names every setting with its default, and no other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from libs.runtime.settings import ServiceSettings
from services.cart.domain.store import Store
from services.cart.domain.store_messages import StoreMessages
from services.cart.settings import CartSettings
from services.console.settings import ConsoleSettings
from services.notifier.channels.registry import CHANNELS
from services.notifier.settings import NotifierSettings
from services.trigger.settings import TriggerSettings

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "deploy/docs/settings.md").read_text(encoding="utf-8")
SECTIONS: dict[str, tuple[type[BaseSettings], str]] = {
    "Common": (ServiceSettings, "…_"),
    "Cart": (CartSettings, "CART_"),
    "Trigger": (TriggerSettings, "TRIGGER_"),
    "Notifier": (NotifierSettings, "NOTIFIER_"),
    "Console": (ConsoleSettings, "CONSOLE_"),
}


def rows(section: str) -> dict[str, tuple[str, str]]:
    """Variable → default and what it says."""
    text = PAGE.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return {name: (default, words) for name, default, words in cells}


def shown(default: Any) -> str:
    """A default as the page shows it."""
    if default is None or default in ("", (), {}):
        return "empty" if default == "" else "none"
    if isinstance(default, Path):
        default = default.relative_to(ROOT)
    if isinstance(default, tuple):
        default = json.dumps([str(part) for part in default])
    if isinstance(default, bool):
        default = str(default).lower()
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def of_providers() -> dict[str, str]:
    """Each provider's own settings, by its own prefix. Without those that are required it is not configured."""
    return {
        f"{settings.model_config['env_prefix']}{name.upper()}": "required"
        if field.is_required()
        else shown(field.default)
        for channel in CHANNELS.values()
        for provider in channel.providers.values()
        for settings in (provider.settings, *([provider.events.settings] if provider.events else []))
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_has_every_setting_with_its_default(section: str) -> None:
    kind, prefix = SECTIONS[section]
    inherited = set(ServiceSettings.model_fields) if kind is not ServiceSettings else set()
    expected = {
        f"{prefix}{name.upper()}": "required" if field.is_required() else shown(field.default)
        for name, field in kind.model_fields.items()
        if name not in inherited
    }
    if kind is NotifierSettings:
        expected |= of_providers()
    assert {name: default for name, (default, _) in rows(section).items()} == expected


def test_the_page_names_every_setting_of_a_store() -> None:
    told = {name: default for name, (default, _) in rows("A store").items()}
    assert told.keys() == Store.model_fields.keys()
    for name, field in Store.model_fields.items():
        if field.is_required() or not isinstance(field.default, BaseModel):
            assert told[name] == ("required" if field.is_required() else shown(field.default)), name


def test_the_page_names_every_setting_of_a_store_s_messages() -> None:
    told = {name: default for name, (default, _) in rows("A store's messages").items()}
    assert told == {name: shown(field.default) for name, field in StoreMessages.model_fields.items()}
