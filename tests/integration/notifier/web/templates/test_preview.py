"""A message as it will look, for whoever has the store's key: any template, language and channel, sent to nobody."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.http.server_keys import UNNAMED
from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.domain.store import Store
from services.notifier.web.templates.preview import Preview
from tests.integration.notifier.conftest import World, described
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented
from tests.unit.notifier.languages import LANGUAGES

AT = f"/v1/stores/{STORE}/preview"
HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}


async def shown(web: httpx.AsyncClient, accept: str = "application/json", **asked: Any) -> httpx.Response:
    return await web.get(AT, params={"template": "abandoned_cart_1"} | asked, headers=HEADERS | {"Accept": accept})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_letter_is_shown_in_every_language_and_nobody_is_written_to(
    world: World, web: httpx.AsyncClient, language
):
    answer = await shown(web, language=language)
    told = answer.json()
    assert as_documented(answer.content, Preview)
    assert (told["language"], told["kind"], told["segments"]) == (language, "abandoned_cart", None)
    assert told["subject"]
    assert "Stoneware mug" in told["html"]
    assert told["characters"] == len(told["text"])
    assert answer.headers["cache-control"] == "no-store"
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 0


async def test_a_text_tells_what_it_costs(web: httpx.AsyncClient):
    russian, english = [(await shown(web, channel="sms", language=of)).json() for of in ("ru", "en")]
    assert (english["segments"], russian["segments"]) == (1, 2)
    assert (english["html"], english["subject"]) == (None, None)
    assert (english["price"], english["currency"]) == (None, None), "the store says no price"
    assert "https://n.nordwind.example/c/sample_link" in english["text"]


async def test_a_text_tells_its_price_where_the_store_says_what_a_segment_costs(world: World):
    said = described(segment_price="0.045").model_dump(exclude_none=True)
    for currency in ("PLN", None):
        store = Store.described(said | {"currency": currency}, world.settings.rules)
        application = main.web(world.settings, world.pool, {STORE: store}, {}, utc_now)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as web:
            for channel, price in (("sms", "0.090"), ("email", None), ("whatsapp", None)):
                answer = await shown(web, channel=channel, language="ru")
                assert as_documented(answer.content, Preview)
                told = answer.json()
                assert (told["price"], told["currency"]) == (price, currency if price else None), channel


async def test_without_a_language_it_is_the_store_s_and_a_coupon_is_told(world: World):
    french = {STORE: world.stores[STORE].model_copy(update={"locale": "fr"})}
    application = main.web(world.settings, world.pool, french, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        told = (await shown(client, coupon="SAVE10")).json()
    assert told["language"] == "fr"
    assert "SAVE10" in told["text"]


async def test_of_a_customer_it_has_name_and_language_and_no_log_has_either(
    world: World, web: httpx.AsyncClient, caplog
):
    await world.knows("anna", name="Anna Sample-Smith", locale="de")
    told = (await shown(web, customer="anna")).json()
    assert "Guten Tag, Anna Sample-Smith!" in told["text"]
    assert (await shown(web, customer="anna", language="it")).json()["text"].count("Ciao Anna Sample-Smith,") == 1
    assert "Sample-Smith" not in caplog.text


async def test_a_browser_is_shown_the_page_which_runs_nothing(web: httpx.AsyncClient):
    answer = await shown(web, "text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["content-type"].startswith("text/html")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "Your cart is waiting for you" in answer.text


async def test_a_picture_is_taken_where_there_is_a_browser(world: World, tmp_path: Path):
    browser = tmp_path / "chromium"
    browser.write_text(
        '#!/bin/sh\nfor one in "$@"; do case "$one" in --screenshot=*) echo PNG > "${one#*=}";; esac; done\n'
    )
    browser.chmod(0o700)
    world.extra["chromium"] = browser
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        for screen in ("phone", "desktop"):
            answer = await shown(client, "image/png", screen=screen)
            assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, "image/png", "PNG\n")


@pytest.mark.parametrize(
    ("asked", "accept", "status", "slug"),
    [
        ({}, "image/png", 501, "no-browser"),
        ({"channel": "sms"}, "text/html", 422, "invalid-request"),
        ({"channel": "pigeon"}, "application/json", 422, "invalid-request"),
        ({"template": "nothing"}, "application/json", 404, "unknown-template"),
        ({"template": "common"}, "application/json", 404, "unknown-template"),
        ({"customer": "nobody"}, "application/json", 404, "unknown-customer"),
        ({"language": "../x"}, "application/json", 422, "invalid-request"),
        ({"screen": "wall"}, "application/json", 422, "invalid-request"),
    ],
)
async def test_what_can_t_be_shown_is_said(web: httpx.AsyncClient, asked: dict[str, str], accept: str, status, slug):
    answer = await shown(web, accept, **asked)
    assert answer.status_code == status
    assert answer.json()["type"].endswith(slug)


async def test_only_the_store_s_key_opens_it(web: httpx.AsyncClient):
    answer = await web.get(AT, params={"template": "browse"}, headers={"Authorization": "Bearer sk_of_another"})
    assert answer.status_code == 401


async def test_what_is_wrong_with_a_store_s_own_template_is_said_before_a_customer_waits(
    world: World, web: httpx.AsyncClient, tmp_path: Path
):
    words = tmp_path / "own/wording/en.toml"
    words.parent.mkdir(parents=True)
    words.write_text('[abandoned_cart_1]\nbody = "Save {savings}"\n')
    world.extra["templates_dir"], world.shop["templates"] = tmp_path, "own"
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        answer = await shown(client)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "unusable-template")
        assert "abandoned_cart_1.body: {savings}" in answer.json()["detail"]
        (tmp_path / "own/abandoned_cart_1.mjml").write_text("<mjml><mj-body>{% if %}")
        assert (await shown(client)).status_code == 422


async def test_of_a_store_that_nobody_has_described_nothing_is_shown(world: World):
    application = main.web(world.settings, world.pool, {}, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        answer = await shown(client)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "unknown-store")


async def test_whoever_is_shown_a_real_cart_is_noted_with_it(world: World, web: httpx.AsyncClient):
    """A customer's goods and prices are theirs: a log that is gone in a week proves nothing."""
    await world.knows("anna")
    request = await world.asks()
    unknown = await shown(web, cart_id="019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10")
    assert unknown.status_code == 404
    assert (await shown(web)).status_code == 200, "sample goods are nobody's"
    assert await world.pool.fetchval("SELECT count(*) FROM preview_views") == 0
    for _ in range(2):
        assert (await shown(web, cart_id=str(request.cart_id))).status_code == 200
    views = await world.pool.fetch("SELECT store_id, cart_id, viewed_by FROM preview_views")
    assert [tuple(row) for row in views] == [(STORE, request.cart_id, UNNAMED)] * 2
