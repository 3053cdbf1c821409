"""Templates: written as a draft, tried as one types, said as a version, and never over somebody else's."""

import copy
from typing import Any

import pytest

from services.console.jobs.retention import RetentionJob
from tests.integration.console.conftest import RAW
from tests.integration.console.pages.conftest import Browser, Console
from tests.integration.console.pages.fake_templates import SHIPPED

AT = "/stores/shop/templates"
CART = {"template": "abandoned_cart_1", "language": "en"}
FORM: dict[str, Any] = {
    "words.subject.one": "{n} item",
    "words.subject.other": "{n} items",
    "counted.subject": "on",
    "words.preheader": "{first}: go on",
    "words.heading": "Come back",
    "words.body": "It is saved at {store}.\r\nReally.",
    "words.button": "Back to it",
    "words.badge": "",
    "words.text_message": "{store}: your cart waits: {url}",
    "variables": "",
    "source.mjml": "",
}


def changed(**words: Any) -> dict[str, Any]:
    """What ships, with other words in English."""
    said = copy.deepcopy(SHIPPED)
    said["words"]["en"] |= words
    return said


@pytest.fixture
async def marketer(console: Console) -> Browser:
    browser = await console.somebody("marketer")
    await browser.get(f"{AT}/edit", **CART)
    return browser


async def write(browser: Browser, do: str, part: str = "edit", **fields: Any) -> Any:
    at = {"template": fields.pop("template", "abandoned_cart_1"), "language": fields.pop("language", "en")}
    query = "&".join(f"{name}={value}" for name, value in at.items())
    return await browser.post(f"{AT}/{part}?{query}", do=do, **(FORM | fields))


def puts(console: Console) -> list[Any]:
    return [call for call in console.fake.calls if call[0] == "PUT" and "dry_run" not in call[1]]


async def test_what_ships_becomes_a_copy_of_ones_own(console: Console, marketer: Browser):
    page = (await marketer.get(AT, template="abandoned_cart_1")).text
    assert "Make your own copy" in page
    page = (await marketer.get(f"{AT}/edit", **CART)).text
    assert "This is what ships" in page
    assert 'value="Your cart waits"' in page
    done = await write(marketer, "say")
    assert done.headers["location"] == f"{AT}?template=abandoned_cart_1&language=en&done=template"
    ((_, path, said),) = puts(console)
    assert path == "/templates/abandoned_cart_1"
    assert said["words"]["en"] == {
        "subject": {"one": "{n} item", "other": "{n} items"},
        "preheader": "{first}: go on",
        "heading": "Come back",
        "body": "It is saved at {store}.\nReally.",
        "button": "Back to it",
        "text_message": "{store}: your cart waits: {url}",
    }
    assert said["words"]["de"] == SHIPPED["words"]["de"], "what the form has no field for stays"
    assert ("templates.change", "template:abandoned_cart_1") in await console.audited()
    page = (await marketer.get(done.headers["location"])).text
    assert "The new version is in force" in page
    assert "the shop&#39;s own words" in page
    assert await console.pool.fetchval("SELECT count(*) FROM template_drafts") == 0


async def test_while_one_types_the_draft_is_kept_tried_and_shown(console: Console, marketer: Browser):
    fault = {"pointer": "/words/en/heading", "detail": "missing-variable: {nothing}", "line": 4}
    looks = {"pointer": "/mjml", "detail": "no such tag", "line": 7}
    other = {"pointer": "/words/de/subject", "detail": "plural: few is not said"}
    console.fake.refuses["/templates/abandoned_cart_1"] = (422, {"detail": "x", "errors": [fault, looks, other]})
    answer = await write(marketer, "", "check", **{"words.heading": "Hi {nothing}"})
    assert answer.status_code == 200
    assert '<a href="#f-heading">Heading</a>: missing-variable' in answer.text
    assert "Layout of the letter (MJML)</a>, line 7" in answer.text
    assert "German, Subject: plural" in answer.text
    assert "2 segments" in answer.text
    assert "your cart waits: {url} (a sample)" in answer.text
    assert "Hi {nothing}" in answer.text, "what has changed"
    assert puts(console) == []
    console.fake.refuses.clear()
    page = (await marketer.get(f"{AT}/edit", **CART)).text
    assert 'value="Hi {nothing}"' in page
    assert "Your draft is kept for you" in page
    letter = await marketer.get(f"{AT}/draft-letter", **CART)
    assert "<h1>Hi {nothing}</h1>" in letter.text
    assert "sandbox" in letter.headers["content-security-policy"]
    assert await console.audited() == [("log_in", "")], "nothing was done yet"
    owner = await console.somebody("owner")
    assert "Hi {nothing}" not in (await owner.get(f"{AT}/edit", **CART)).text, "a draft is one's own"


async def test_a_draft_with_faults_is_not_said(console: Console, marketer: Browser):
    fault = {"pointer": "/words/en/body", "detail": "money: amounts come written", "line": 4}
    console.fake.refuses["/templates/abandoned_cart_1"] = (422, {"detail": "x", "errors": [fault]})
    refused = await write(marketer, "say")
    assert refused.status_code == 422
    assert "money: amounts come written" in refused.text
    assert ("templates.change.failed", "template:abandoned_cart_1") in await console.audited()
    assert "Come back" in (await marketer.get(f"{AT}/edit", **CART)).text, "what was written stays"


async def test_what_nothing_was_changed_in_is_no_draft(console: Console, marketer: Browser):
    same = {"words.subject.one": "{n} item waits", "words.subject.other": "{n} items wait"}
    same |= {"words.heading": "Your cart waits", "words.body": "It is saved at {store}."}
    assert "It changes nothing" in (await write(marketer, "check", **same)).text
    assert await console.pool.fetchval("SELECT count(*) FROM template_drafts") == 0


async def test_what_somebody_else_changed_is_told_and_mine_can_go_on_top(console: Console, marketer: Browser):
    await write(marketer, "check")
    console.fake.templates.say("abandoned_cart_1", changed(heading="Theirs", preheader="Their line"))
    page = (await marketer.get(f"{AT}/edit", **CART)).text
    assert "Somebody else has changed this since you began" in page
    assert "Their line" in page
    assert page.count("you changed it, too") == 1, "the heading alone"
    refused = await write(marketer, "say")
    assert refused.status_code == 409
    assert puts(console) == []
    assert (await write(marketer, "rebase")).status_code == 303
    page = (await marketer.get(f"{AT}/edit", **CART)).text
    assert "Somebody else" not in page
    assert 'value="Come back"' in page
    assert 'value="Their line"' in page
    assert (await write(marketer, "say", **{"words.preheader": "Their line"})).status_code == 303
    assert puts(console)[0][2]["words"]["en"]["preheader"] == "Their line"


async def test_who_was_faster_between_look_and_save_wins(console: Console, marketer: Browser):
    console.fake.templates.say("abandoned_cart_1", changed())
    await marketer.get(f"{AT}/edit", **CART)
    await write(marketer, "check")
    taken = console.fake.templates.answer

    def faster(method: str, rest: str, request: Any) -> Any:
        if method == "PUT" and "dry_run" not in str(request.url):
            console.fake.templates.say("abandoned_cart_1", changed(button="Theirs"))
            console.fake.templates.answer = taken  # type: ignore[method-assign]
        return taken(method, rest, request)

    console.fake.templates.answer = faster  # type: ignore[method-assign]
    refused = await write(marketer, "say")
    assert refused.status_code == 409
    assert "Somebody else has changed this" in refused.text
    assert len(console.fake.templates.versions["abandoned_cart_1"]) == 2
    assert (await write(marketer, "forget")).status_code == 303
    assert 'value="Theirs"' in (await marketer.get(f"{AT}/edit", **CART)).text


async def test_languages_are_gone_to_added_and_taken_out(console: Console, marketer: Browser):
    to_german = await write(marketer, "language", other="de")
    assert to_german.headers["location"] == f"{AT}/edit?template=abandoned_cart_1&language=de"
    assert 'value="Ihr Warenkorb wartet"' in (await marketer.get(to_german.headers["location"])).text
    added = await write(marketer, "add", added="pl")
    page = (await marketer.get(added.headers["location"])).text
    assert 'value="Come back"' in page, "begun with the language that was shown"
    assert all(form in page for form in ("for few, as 3", "for many, as 7"))
    gone = await write(marketer, "remove", language="de")
    assert gone.headers["location"].endswith("language=en")
    assert (
        'value="Ihr Warenkorb'
        not in (await marketer.get(f"{AT}/edit", template="abandoned_cart_1", language="de")).text
    )


async def test_a_message_of_a_name_of_its_own_is_begun_and_a_copy_is_made(console: Console, marketer: Browser):
    page = (await marketer.get(f"{AT}/edit", template="birthday", language="en")).text
    assert "There is no such message yet" in page
    copied = await write(marketer, "copy", **{"as": "again_later"})
    assert copied.headers["location"] == f"{AT}/edit?template=again_later&language=en"
    assert 'value="Come back"' in (await marketer.get(copied.headers["location"])).text
    assert (await write(marketer, "copy", **{"as": "No Name"})).status_code == 200
    assert (await write(marketer, "say", template="again_later")).status_code == 303
    assert [call[1] for call in puts(console)] == ["/templates/again_later"]
    assert "again later" in (await marketer.get(AT)).text, "it is among those to be shown"
    assert (await marketer.get(f"{AT}/edit", template="No Name")).status_code == 404


async def test_what_a_file_says_is_not_changed_here(console: Console, marketer: Browser):
    console.fake.templates.file.add("abandoned_cart_1")
    page = (await marketer.get(f"{AT}/edit", **CART)).text
    assert "A file of the service says this message" in page
    assert 'value="say"' not in page
    assert [call for call in console.fake.calls if "dry_run" in call[1]][1:] == []


async def test_versions_are_compared_and_put_back_and_ones_own_is_taken_away(console: Console, marketer: Browser):
    for heading in ("First", "Second"):
        console.fake.templates.say("abandoned_cart_1", changed(heading=heading))
    page = (await marketer.get(f"{AT}/versions", template="abandoned_cart_1")).text
    assert page.index("Version 2") < page.index("in force") < page.index("Version 1")
    page = (await marketer.get(f"{AT}/versions/1", template="abandoned_cart_1")).text
    assert '<span class="before">Second</span> → First' in page
    query = "?template=abandoned_cart_1"
    stale = await marketer.post(f"{AT}/versions/1/roll-back{query}", etag='"1"')
    assert stale.status_code == 409
    back = await marketer.post(f"{AT}/versions/1/roll-back{query}", etag='"2"')
    assert back.headers["location"] == f"{AT}{query}&done=template_rolled_back"
    gone = await marketer.post(f"{AT}/remove{query}", etag='"3"')
    assert "What ships counts again" in (await marketer.get(gone.headers["location"])).text
    assert "taken away" in (await marketer.get(f"{AT}/versions/4", template="abandoned_cart_1")).text
    noted = [action for action, _ in await console.audited()]
    assert noted[1:] == ["templates.roll_back", "templates.roll_back.failed", "templates.roll_back", "templates.remove"]


async def test_a_preview_with_a_customer_is_for_who_sees_customers_and_each_look_is_noted(
    console: Console, marketer: Browser
):
    assert (await marketer.get(f"{AT}/edit", **CART, customer="anna")).status_code == 403
    assert (await marketer.get(f"{AT}/draft-letter", **CART, customer="anna")).status_code == 403
    owner = await console.somebody("owner")
    page = (await owner.get(f"{AT}/edit", **CART, customer="anna")).text
    assert "With the name of anna" in page
    assert "customer=anna&amp;n=" in page
    assert "for anna" in (await owner.get(f"{AT}/draft-letter", **CART, customer="anna")).text
    assert (await console.audited())[-2:] == [("customers.look", "customer:anna")] * 2


async def test_a_letter_is_shown_as_on_a_dark_screen(console: Console, marketer: Browser):
    dark = (await marketer.get(f"{AT}/draft-letter", **CART, scheme="dark")).text
    light = (await marketer.get(f"{AT}/draft-letter", **CART)).text
    assert ("@media all" in dark, "@media not all" in light) == (True, True)
    assert ('content="dark"' in dark, 'content="light"' in light) == (True, True)
    assert (await marketer.get(f"{AT}/draft-letter", **CART, scheme="pink")).status_code == 404


async def test_what_a_text_costs_is_told_where_the_shop_has_said_it(console: Console, marketer: Browser):
    await console.pool.execute("INSERT INTO message_prices VALUES ('shop', 'sms', 0.0375)")
    assert "about €0.075 each" in (await marketer.get(f"{AT}/edit", **CART)).text
    assert "about €0.0375 each" in (await marketer.get(AT, channel="sms")).text


async def test_a_draft_that_nobody_touches_is_forgotten_after_a_month(console: Console, marketer: Browser):
    await write(marketer, "check")
    house = RetentionJob(console.pool, RAW, console.clock)
    for days, left in ((29, 1), (2, 0)):
        console.clock.passes(days=days)
        await house.round()
        assert await console.pool.fetchval("SELECT count(*) FROM template_drafts") == left
