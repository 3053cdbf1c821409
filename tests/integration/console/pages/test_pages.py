"""What every page has: a policy that runs nothing of others, words of the reader, files that are what they were."""

import hashlib
from pathlib import Path

import pytest

from services.console.web.pages.today import _changes
from services.console.web.rendering import STATIC, static_url
from tests.integration.console.pages.conftest import Console

SHOP = "/stores/shop"


async def test_every_answer_forbids_scripts_frames_and_copies(console: Console):
    owner = await console.somebody("owner")
    for path in ("/log-in", f"{SHOP}/today", f"{SHOP}/campaigns", f"{SHOP}/nothing", "/come/nothing"):
        headers = (await owner.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff", path


async def test_no_page_has_a_script_or_a_style_of_its_own(console: Console):
    owner = await console.somebody("owner")
    for path in ("today", "campaigns", "campaigns/edit", "customer?id=anna", "people", "health", "experiments"):
        page = (await owner.get(f"{SHOP}/{path}")).text
        assert "<style" not in page, path
        assert " style=" not in page, path
        assert " onclick=" not in page, path
        assert page.count("<script") == page.count("<script defer src=") == 3, path


async def test_a_letter_in_a_frame_runs_nothing(console: Console):
    owner = await console.somebody("owner")
    answer = await owner.get(f"{SHOP}/templates/letter", template="abandoned_cart_1")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accepted", "told"), [("de-AT,de", "157 Bestellungen kamen"), ("pl", "wróciło 157 zamówień"), ("fr", "157 orders")]
)
async def test_pages_speak_the_reader_s_language(console: Console, accepted: str, told: str):
    viewer = await console.somebody("viewer")
    viewer.http.headers["accept-language"] = accepted
    assert told in (await viewer.get(f"{SHOP}/today")).text


async def test_a_language_that_was_chosen_stays(console: Console):
    viewer = await console.somebody("viewer")
    await viewer.get(f"{SHOP}/today")
    assert (await viewer.post("/language", language="pl", next=f"{SHOP}/today")).headers["location"] == f"{SHOP}/today"
    page = (await viewer.get(f"{SHOP}/today")).text
    assert '<html lang="pl">' in page
    assert "512,40\u00a0€" in page
    assert "5637,10\u00a0€" in page.replace("5\u00a0637", "5637")


async def test_names_of_others_are_text(console: Console):
    await console.pool.execute("UPDATE stores SET name = '<script>alert(1)</script>'")
    viewer = await console.somebody("viewer")
    page = (await viewer.get(f"{SHOP}/today")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_files_are_what_they_were_when_they_were_vendored(console: Console):
    browser = console.browser()
    for line in (STATIC / "vendor/checksums.sha256").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest
        assert (STATIC / "vendor" / f"{name.partition('.')[0]}.LICENSE").exists()
        answer = await browser.get(static_url(f"vendor/{name}"))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    axe = Path(__file__).parents[1] / "vendor"
    digest, name = (axe / "checksums.sha256").read_text().split()
    assert hashlib.sha256((axe / name).read_bytes()).hexdigest() == digest


async def test_a_page_is_small_and_so_is_all_that_it_loads(console: Console):
    owner = await console.somebody("owner")
    loaded = sum((STATIC / name).stat().st_size for name in ("console.css", "console.js", "vendor/sse.min.js"))
    for path in ("today", "campaigns", "customer?id=anna", "messages"):
        page = (await owner.get(f"{SHOP}/{path}")).content
        assert len(page) + loaded < 100_000 - (STATIC / "vendor/htmx.min.js").stat().st_size, path


async def test_today_is_told_again_when_it_changes_and_ends_with_the_process(console: Console):
    from services.console.web.formats import Formats
    from services.console.web.visits import UTC, Visit
    from services.console.web.wording import wording

    person = await console.person("viewer")
    shop = (await console.house.stores())[0]
    words = wording("en")
    request = type("Request", (), {"url": type("Url", (), {"path": "/"})})
    formats = Formats(words.locale, UTC, console.clock(), "just now")
    visit = Visit(request, console.house, words, formats, "token", person, shop, (shop,))  # type: ignore[arg-type]
    told = [text async for text in _ended(visit, console)]
    assert len(told) == 1
    assert told[0].startswith("event: figures\ndata: ")
    assert "157 orders came back" in told[0]


async def _ended(visit, console: Console):
    object.__setattr__(console.house, "ends", lambda: True)
    async for text in _changes(visit):
        yield text


async def test_programs_are_answered_as_programs_beside_the_pages(console: Console):
    browser = console.browser()
    assert (await browser.get("/health/live")).json() == {"status": "live"}
    refused = await browser.get("/v1/stores/shop/figures/funnel")
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await browser.get("/nothing")).headers["content-type"].startswith("text/html")


async def test_a_console_without_a_store_says_what_to_do(console: Console):
    await console.pool.execute("DELETE FROM stores")
    owner = await console.somebody("owner")
    assert "No store yet" in (await owner.get("/")).text


async def test_messages_are_shown_and_chosen_by_whom_they_went(console: Console):
    owner = await console.somebody("owner")
    page = (await owner.get(f"{SHOP}/messages", provider="twilio")).text
    assert console.figures.asked[-1] == {"provider": "twilio"}
    assert '<option value="twilio" selected>' in page
    assert '<option value="smtp">' in page
    assert "· smtp</span>" in page
    assert "provider=twilio" in page[page.index("after=more") - 200 :], "the next page is of the same"
    assert '<option value="gone" selected>' in (await owner.get(f"{SHOP}/messages", provider="gone")).text


async def test_a_look_that_was_not_long_enough_says_so_and_goes_on(console: Console):
    owner = await console.somebody("owner")
    page = (await owner.get(f"{SHOP}/messages", reason="rare")).text
    assert "Looked back to" in page
    assert "after=further" in page
    assert "No message is like that." not in page
