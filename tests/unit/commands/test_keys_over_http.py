"""Keys of a store that are asked for by HTTP."""

from typing import Any

import pytest

from deploy.commands.installation import Service
from deploy.commands.keys_over_http import keys_over_http

AT = "/v1/stores/shop/keys"


def key(name: str) -> dict[str, Any]:
    moments = dict.fromkeys(("rotated_at", "expires_at", "used_at", "previous_until", "previous_used_at"))
    known = {"key_id": f"id-{name}", "name": name, "kind": "secret", "scopes": ["carts:read"], "origins": []}
    return known | moments | {"created_at": "2026-11-30T12:00:00Z"}


def test_all_keys_are_listed_however_many_pages_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Story: whoever looked for a lost key to revoke it was not shown it, because 200 others came before."""
    pages = {
        AT: {"keys": [key("erp"), key("till & web")], "next": "till & web"},
        f"{AT}?after=till%20%26%20web": {"keys": [key("www")], "next": None},
    }

    async def get(_: Service, path: str) -> Any:
        return pages.pop(path)

    monkeypatch.setattr(Service, "get", get)
    keys_over_http("http://cart.test", "sk_x", ["list", "--store", "shop"])
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "id-erp",
        "id-till & web",
        "id-www",
    ]
    assert not pages
