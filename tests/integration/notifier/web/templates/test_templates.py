"""A store says its own templates by the API: tried before they are kept, versions kept, in force within seconds."""

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.jobs.kept_templates import KeptTemplates
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.web.templates.template_schemas import (
    DOCUMENT,
    TemplateChanged,
    TemplatesTold,
    TemplateTold,
    TemplateVersionPage,
)
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented

AT = f"/v1/stores/{STORE}/templates"
BIRTHDAY = f"{AT}/birthday"
NAMED = "sk_key_of_who_writes_campaigns"
LAYOUT = """<mjml><mj-body><mj-section><mj-column><mj-text>{{ heading }} <b>{{ gift|upper }}</b>
{% if coupon %}{{ coupon }}{% endif %}</mj-text>
<mj-button href="{{ recovery_url }}">{{ button }}</mj-button>
<mj-text><a href="{{ unsubscribe_url }}">{{ unsubscribe }}</a></mj-text></mj-column></mj-section></mj-body></mjml>"""


class Shop:
    """Two processes, as the store's server and its customers meet them."""

    def __init__(self, world: World, http: httpx.AsyncClient, kept: list[KeptTemplates]) -> None:
        self.world, self.http, self.kept = world, http, kept

    async def put(self, document: dict[str, Any], path: str = BIRTHDAY, **more: Any) -> httpx.Response:
        match = more.pop("match", None)
        headers = {} if match is None else {"If-Match": match}
        answer = await self.http.put(path, json=document, headers=headers, **more)
        await self.look()
        return answer

    async def look(self) -> None:
        for one in self.kept:
            await one.refresh()

    async def subject(self, **query: Any) -> str:
        answer = await self.http.get(f"/v1/stores/{STORE}/preview", params={"template": "birthday"} | query)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["subject"])


@pytest.fixture
async def shop(world: World, tmp_path: Path) -> AsyncIterator[Shop]:
    scopes = ["messages:read", "messages:write", "templates:read", "templates:write"]
    keys = [{"name": "writer", "key": NAMED, "scopes": scopes}]
    world.extra |= {"keys": {STORE: keys, "*": SERVERS_KEY}, "templates_dir": tmp_path}
    kept = [KeptTemplates(world.pool, tmp_path / name) for name in ("web", "delivery")]
    for one in ("web", "delivery"):
        (tmp_path / one).mkdir()
    templates = StoreTemplates(tmp_path, kept[0].folder)
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now, templates)
    head = {"Authorization": f"Bearer {NAMED}"}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example", headers=head) as http:
        yield Shop(world, http, kept)


def said(**changes: Any) -> dict[str, Any]:
    """The template, with other words or looks."""
    document = copy.deepcopy(DOCUMENT)
    document["words"]["en"] |= changes.pop("en", {})
    return document | changes


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_a_template_is_said_read_and_used(shop: Shop):
    answer = await shop.put(said(mjml=LAYOUT))
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, TemplateChanged)
    assert answer.json() == {"name": "birthday", "dry_run": False, "changed": True, "version": 1}
    assert answer.headers["etag"] == '"1"'
    told = await shop.http.get(BIRTHDAY)
    assert as_documented(told.content, TemplateTold)
    assert (told.json()["said"]["mjml"], told.json()["made_by"]) == (LAYOUT, "writer")
    listed = await shop.http.get(AT)
    assert as_documented(listed.content, TemplatesTold)
    assert [one["name"] for one in listed.json()["templates"]] == ["birthday"]
    assert await shop.subject() == "[gift] for you"
    world = shop.world
    await world.knows(locale="pl", name="<i>Anna</i>")
    world.carts.sees("anna")
    message = {"customer_id": "anna", "template": "birthday", "purpose": "marketing", "channels": ["email"]}
    head = {"Idempotency-Key": "k1"}
    body = message | {"variables": {"gift": "cake <script>{{ 7*7 }}"}}
    done = await shop.http.post(f"/v1/stores/{STORE}/messages", json=body, headers=head)
    assert done.status_code == 202, done.text


async def test_what_is_said_counts_in_another_process_at_its_next_look(shop: Shop, tmp_path: Path):
    await shop.put(said())
    world = shop.world
    other = StoreTemplates(tmp_path, shop.kept[1].folder)
    store = world.stores[STORE]
    assert other.of(store).wordings.choose("en", "en").say("birthday.heading", {}) == "Happy birthday"
    await shop.put(said(en={"heading": "Many returns"}), match='"1"')
    assert other.of(store).wordings.choose("en", "en").say("birthday.heading", {}) == "Many returns"
    assert other.shipped.wordings.choose("en", "en").has("birthday") is False


async def test_versions_are_kept_compared_and_put_back(shop: Shop):
    await shop.put(said())
    assert slug(await shop.put(said(en={"button": "Go"}))) == (428, "precondition-required")
    assert slug(await shop.put(said(en={"button": "Go"}), match='"7"')) == (412, "version-conflict")
    same = await shop.put(said(), match='"1"')
    assert same.json() == {"name": "birthday", "dry_run": False, "changed": False, "version": 1}
    second = await shop.put(said(en={"subject": "Yours: {gift}"}), match='"1"')
    assert second.json()["version"] == 2
    assert await shop.subject() == "Yours: [gift]"
    back = await shop.http.post(f"{BIRTHDAY}/rollback", json={"version": 1}, headers={"If-Match": '"2"'})
    await shop.look()
    assert back.json()["version"] == 3
    assert await shop.subject() == "[gift] for you"
    versions = await shop.http.get(f"{BIRTHDAY}/versions", params={"limit": 2})
    assert as_documented(versions.content, TemplateVersionPage)
    found = versions.json()
    assert [(one["version"], one["rolled_back_to"]) for one in found["versions"]] == [(3, 1), (2, None)]
    rest = await shop.http.get(f"{BIRTHDAY}/versions", params={"after": found["next"]})
    assert [one["version"] for one in rest.json()["versions"]] == [1]
    one = await shop.http.get(f"{BIRTHDAY}/versions/2")
    assert one.json()["said"]["words"]["en"]["subject"] == "Yours: {gift}"
    assert slug(await shop.http.get(f"{BIRTHDAY}/versions/9")) == (404, "unknown-version")
    assert await shop.subject(version=2) == "Yours: [gift]", "the preview shows any"


async def test_a_dry_run_keeps_nothing(shop: Shop):
    answer = await shop.put(said(), params={"dry_run": "true"})
    assert answer.json() == {"name": "birthday", "dry_run": True, "changed": True, "version": 1}
    assert slug(await shop.http.get(BIRTHDAY)) == (404, "unknown-template")


async def test_what_is_taken_away_is_as_it_ships_again(shop: Shop):
    path = f"{AT}/win_back"
    words = {"subject": "Come back", "preheader": "p", "heading": "h", "body": "b", "button": "c"}
    await shop.put({"words": {"en": words}}, path)
    assert await shop.subject(template="win_back") == "Come back"
    gone = await shop.http.delete(path, headers={"If-Match": '"1"'})
    await shop.look()
    assert gone.json()["version"] == 2
    assert await shop.subject(template="win_back") == "It has been a while. Nordwind has something new"
    assert slug(await shop.http.get(path)) == (404, "unknown-template")
    assert slug(await shop.http.delete(f"{AT}/nobody_said_this")) == (404, "unknown-template")


async def test_two_that_say_it_at_once_do_not_overwrite_each_other(shop: Shop):
    await shop.put(said())
    both = [said(en={"button": one}) for one in ("A", "B")]
    answers = await asyncio.gather(*(shop.put(one, match='"1"') for one in both))
    assert sorted(one.status_code for one in answers) == [200, 412]


SANDBOX = [
    "{{ ''.__class__.__mro__ }}",
    "{{ range(10**9) }}",
    "{% for a in rows %}{% for b in rows %}{{ b }}{% endfor %}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{% include '/etc/passwd' %}",
    "{% set x = 1 %}{{ x }}",
    "{% macro f() %}{{ f() }}{% endmacro %}",
    "{{ lipsum() }}",
    "{{ heading|pprint }}",
    "{{ heading.format(1) }}",
    "{{ unclosed",
]


@pytest.mark.parametrize("source", SANDBOX)
@pytest.mark.parametrize("field", ["mjml", "text", "text_message"])
async def test_a_template_fills_in_and_does_nothing_else(shop: Shop, source: str, field: str):
    whole = LAYOUT.replace("{{ heading }}", source) if field == "mjml" else source + " {{ unsubscribe_url }} {{ stop }}"
    answer = await shop.put(said(**{field: whole}))
    assert slug(answer) == (422, "invalid-request")
    assert {one["pointer"] for one in answer.json()["errors"]} <= {f"/{field}", "/words/en"}
    assert await shop.world.pool.fetchval("SELECT count(*) FROM template_versions") == 0


@pytest.mark.parametrize(
    ("document", "pointer", "says"),
    [
        (said(en={"body": "{gyft}"}), "/words/en/body", "missing-variable"),
        (said(mjml=LAYOUT.replace('<a href="{{ unsubscribe_url }}">', "<a>")), "/mjml", "unsubscribe"),
        (said(mjml=LAYOUT.replace("{{ gift|upper }}", "{{ gyft }}")), "/mjml", "missing-variable"),
        (said(mjml="<mjml><mj-body>"), "/mjml", ""),
        (said(text="{{ body }}"), "/text", "unsubscribe"),
        (said(en={"text_message": "{store} " + "long " * 100}), "/words/en/text_message", "segments"),
        (said(en={"body": {"other": "x"}}), "/words/en/body", "plural"),
    ],
)
async def test_what_lint_finds_is_refused_where_it_stands(shop: Shop, document: Any, pointer: str, says: str):
    answer = await shop.put(document)
    assert slug(answer) == (422, "invalid-request"), answer.text
    assert (pointer, True) in {(one["pointer"], says in one["detail"]) for one in answer.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (BIRTHDAY, {}),
        (BIRTHDAY, {"words": {}}),
        (BIRTHDAY, said(variables=["store"])),
        (BIRTHDAY, said() | {"words": {"xx1": DOCUMENT["words"]["en"]}}),
        (BIRTHDAY, said(en={"subject": "a\x00b"})),
        (BIRTHDAY, said(gossip=1)),
        (BIRTHDAY, said(en={"body": {"one": "x"}})),
        (f"{AT}/common", said()),
        (f"{AT}/sms", said()),
        (f"{AT}/Birth%20Day", said()),
    ],
)
async def test_what_is_no_template_is_refused(shop: Shop, path: str, document: dict[str, Any]):
    assert slug(await shop.put(document, path)) == (422, "invalid-request")


async def test_a_letter_alone_needs_no_text_message(shop: Shop):
    document = said()
    del document["words"]["en"]["text_message"]
    assert (await shop.put(document)).status_code == 200


async def test_a_file_goes_before(shop: Shop, tmp_path: Path):
    folder = tmp_path / "nordwind" / "wording"
    folder.mkdir(parents=True)
    (folder / "en.toml").write_text('[birthday]\nsubject = "Of the file"\n')
    shop.world.shop |= {"templates": "nordwind"}
    assert shop.world.stores
    assert slug(await shop.put(said())) == (409, "templates-fixed")
    assert (await shop.put(said(), f"{AT}/name_day")).status_code == 200


async def test_only_a_key_made_for_it_changes_templates_and_a_store_has_its_own(shop: Shop):
    for key, status in ((SERVERS_KEY, 403), ("wrong", 401)):
        answer = await shop.http.put(BIRTHDAY, json=said(), headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status
    assert (await shop.http.get(AT, headers={"Authorization": f"Bearer {SERVERS_KEY}"})).status_code == 200
    elsewhere = BIRTHDAY.replace(STORE, "another")
    assert (await shop.http.put(elsewhere, json=said())).status_code == 401
    await shop.put(said())
    other = await shop.http.get(elsewhere, headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert slug(other) == (404, "unknown-template")


async def test_words_are_quoted_as_they_are(shop: Shop):
    """What is said in quotes, with backslashes or braces, comes out as it was said."""
    await shop.put(said(en={"subject": 'A "\\path" \U0001f381 é = [x] {gift}'}))
    assert await shop.subject() == 'A "\\path" \U0001f381 é = [x] [gift]'
