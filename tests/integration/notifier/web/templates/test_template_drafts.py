"""A template before it is said: begun with what is in force, and seen before anybody keeps it."""

from typing import Any

import httpx
import pytest

from services.notifier.web.templates.preview import Preview
from services.notifier.web.templates.template_schemas import DOCUMENT, TemplateInForce
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.integration.notifier.web.templates.test_templates import AT, BIRTHDAY, LAYOUT, Shop, said, shop, slug
from tests.support.answers import as_documented

__all__ = ["shop"]
PREVIEW = f"/v1/stores/{STORE}/preview"


async def draft(shop: Shop, document: dict[str, Any], **asked: Any) -> httpx.Response:
    return await shop.http.post(PREVIEW, json={"template": "birthday", "said": document} | asked)


async def test_what_ships_is_told_as_a_store_would_say_it_and_can_be_said_so(shop: Shop):
    answer = await shop.http.get(f"{AT}/abandoned_cart_1/in-force")
    assert as_documented(answer.content, TemplateInForce)
    told = answer.json()
    assert (told["source"], told["version"], answer.headers["etag"]) == ("shipped", 0, '"0"')
    assert set(told["said"]["words"]) == {"cs", "de", "en", "es", "fr", "it", "pl", "ru", "sr", "uk"}
    words = told["said"]["words"]["en"]
    assert words["heading"] == "Your cart is waiting for you"
    assert words["text_message"]["one"] == "{store}: {n} item is waiting in your cart: {url}"
    assert told["said"]["mjml"] is None
    copied = await shop.put(told["said"], f"{AT}/abandoned_cart_1", match='"0"')
    assert copied.status_code == 200, copied.text
    own = await shop.http.get(f"{AT}/abandoned_cart_1/in-force")
    assert (own.json()["source"], own.json()["version"], own.headers["etag"]) == ("api", 1, '"1"')
    assert own.json()["said"] == told["said"]


async def test_what_was_taken_away_is_told_as_it_ships_with_the_tag_that_a_change_names(shop: Shop):
    shipped = (await shop.http.get(f"{AT}/win_back/in-force")).json()["said"]
    await shop.put(shipped | {"mjml": LAYOUT.replace("{{ gift|upper }}", "you")}, f"{AT}/win_back")
    gone = await shop.http.delete(f"{AT}/win_back", headers={"If-Match": '"1"'})
    assert gone.status_code == 200, gone.text
    told = await shop.http.get(f"{AT}/win_back/in-force")
    assert (told.json()["source"], told.json()["said"], told.headers["etag"]) == ("shipped", shipped, '"2"')
    again = await shop.put(shipped, f"{AT}/win_back", match=told.headers["etag"])
    assert again.json()["version"] == 3


async def test_what_a_file_says_is_told_with_its_looks_and_its_variables(shop: Shop, tmp_path):
    folder = tmp_path / "ours"
    (folder / "wording").mkdir(parents=True)
    (folder / "wording/en.toml").write_text(
        '[birthday]\nvariables = "gift"\nsubject = "s"\npreheader = "p"\nheading = "h"\nbody = "b"\nbutton = "c"\n'
    )
    (folder / "birthday.mjml").write_text(LAYOUT)
    stores: dict[str, Any] = shop.world.stores  # type: ignore[assignment]  # a plain one, to be changed
    stores[STORE] = stores[STORE].model_copy(update={"templates": "ours"})
    told = (await shop.http.get(f"{BIRTHDAY}/in-force")).json()
    assert (told["source"], told["said"]["variables"], told["said"]["mjml"]) == ("file", ["gift"], LAYOUT)
    words = {name: text for name, text in told["said"]["words"]["en"].items() if text is not None}
    assert words == {"subject": "s", "preheader": "p", "heading": "h", "body": "b", "button": "c"}
    shipped = (await shop.http.get(f"{AT}/win_back/in-force")).json()
    assert shipped["source"] == "shipped"


@pytest.mark.parametrize("name", ["birthday", "common", "sms"])
async def test_what_nobody_says_is_not_there(shop: Shop, name: str):
    assert slug(await shop.http.get(f"{AT}/{name}/in-force")) == (404, "unknown-template")


async def test_a_draft_is_shown_and_kept_nowhere(shop: Shop):
    answer = await draft(shop, said(en={"subject": "Look: {gift}"}, mjml=LAYOUT))
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, Preview)
    shown = answer.json()
    assert shown["subject"] == "Look: [gift]"
    assert "[GIFT]" in shown["html"]
    text = (await draft(shop, said(), channel="sms")).json()
    assert (text["segments"], text["html"]) == (1, None)
    assert "[gift] waits for you" in text["text"]
    assert await shop.world.pool.fetchval("SELECT count(*) FROM template_versions") == 0
    assert slug(await shop.http.get(BIRTHDAY)) == (404, "unknown-template")


async def test_a_draft_has_the_name_and_language_of_a_customer(shop: Shop):
    await shop.world.knows("anna", name="Anna Sample-Smith", locale="en")
    shown = (await draft(shop, said(), customer="anna")).json()
    assert "Anna Sample-Smith" in shown["text"]
    assert slug(await draft(shop, said(), customer="nobody")) == (404, "unknown-customer")


async def test_a_draft_that_may_not_be_filled_is_not(shop: Shop):
    refused = await draft(shop, said(mjml=LAYOUT.replace("heading", "range(9)")))
    assert slug(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["pointer"] == "/mjml"
    assert slug(await draft(shop, said(), channel="pigeon")) == (422, "invalid-request")
    assert slug(await draft(shop, said(en={"body": "{nothing}"}))) == (422, "unusable-template")
    no_text = {"words": {"en": {k: v for k, v in DOCUMENT["words"]["en"].items() if k != "text_message"}}}
    assert slug(await draft(shop, no_text | {"variables": ["gift"]}, channel="sms")) == (404, "unknown-template")


async def test_a_draft_takes_a_key_for_templates(shop: Shop):
    head = {"Authorization": f"Bearer {SERVERS_KEY}"}
    plain = await shop.http.post("/v1/stores/other/preview", json={"template": "x", "said": DOCUMENT}, headers=head)
    assert slug(plain) == (403, "insufficient-scope")


async def test_faults_name_the_phrase_that_they_are_about(shop: Shop):
    words = {"heading": "{nothing}", "text_message": "{store}: {nobody} {url}"}
    refused = await shop.put(said(en=words), params={"dry_run": True})
    found = {one["pointer"] for one in refused.json()["errors"]}
    assert found == {"/words/en/heading", "/words/en/text_message"}
