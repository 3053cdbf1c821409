"""The trigger's processes plan each statement once: they look things up by keys, whichever those are."""

from typing import Any

import pytest
from pydantic import SecretStr

from services.trigger import main
from services.trigger.settings import TriggerSettings


class OpenedError(Exception):
    """A pool would be open now."""


async def test_its_statements_are_planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    async def open_pool(_: str, **how: Any) -> None:
        asked.update(how)
        raise OpenedError

    monkeypatch.setattr(main, "open_pool", open_pool)
    settings = TriggerSettings(mode="local", database_url=SecretStr("postgresql://nobody@127.0.0.1/none"))
    with pytest.raises(OpenedError):
        await main.serve_roles(settings, main.ROLES, None)  # type: ignore[arg-type]
    assert asked["plan_once"] is True
