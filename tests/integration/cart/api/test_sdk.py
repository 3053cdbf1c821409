"""The client's files, as any page fetches them."""

import pytest

from services.cart.api.routes.sdk import FOLDER, SDK_PATH
from tests.integration.cart.shop import Shop, refused


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".js", ".ts")))
async def test_a_file_of_the_client_is_open_to_every_page_and_fetched_once(shop: Shop, name: str):
    http, path = shop.clients[0], SDK_PATH.replace("{name}", name)
    first = await http.get(path, headers={"Origin": "https://any.test"})
    assert (first.status_code, first.content) == (200, (FOLDER / name).read_bytes())
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"].startswith("public, max-age=")
    assert first.headers["content-type"].startswith("text/javascript" if name.endswith(".js") else "text/plain")
    again = await http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_nothing_else_of_the_folder_is_served(shop: Shop):
    for name in ("README.md", "..%2Fsettings.py", "evercart"):
        refused(await shop.clients[0].get(SDK_PATH.replace("{name}", name)), 404, "not-found")


def test_the_client_depends_on_nothing_and_its_modules_are_small():
    for module in FOLDER.glob("*.js"):
        text = module.read_text("utf-8")
        assert len(text.splitlines()) < 300, module.name
        assert all(' from "./' in line for line in text.splitlines() if line.startswith("import ")), module.name
