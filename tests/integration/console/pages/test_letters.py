"""Dead letters: how many wait stands on Health, ops put back or dismiss a topic's, and nobody sees what they say."""

import pytest

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_letters import TOPIC

SHOP = "/stores/shop"


async def test_health_says_how_many_wait_and_leads_only_those_there_who_may(console: Console):
    link = f"{SHOP}/letters?topic={TOPIC}"
    ops, viewer = await console.somebody("ops"), await console.somebody("viewer")
    page = (await ops.get(f"{SHOP}/health")).text
    assert "2 wait" in page
    assert link in page
    assert f"{SHOP}/letters?topic=message.events" not in page, "none of them waits"
    page = (await viewer.get(f"{SHOP}/health")).text
    assert "2 wait" in page
    assert link not in page
    console.letters.silent = True
    answer = await ops.get(f"{SHOP}/health")
    assert (answer.status_code, "the brokers do not answer" in answer.text) == (200, True)


async def test_a_topic_lists_number_type_id_and_why_and_never_what_they_say(console: Console):
    ops = await console.somebody("ops")
    page = (await ops.get(f"{SHOP}/letters", topic=TOPIC)).text
    assert all(told in page for told in ("cart.updated", "019ab6f2-7c11", "total is missing", ">5<", ">6<"))
    assert "anna@" not in page
    assert (await ops.get(f"{SHOP}/letters", topic="cart.event")).status_code == 404


@pytest.mark.parametrize(
    ("path", "way", "told"),
    [("put-back", "put_back", "letters_put_back"), ("dismiss", "dismiss", "letters_dismissed")],
)
async def test_all_that_waited_when_it_was_asked_for_is_dealt_with_and_noted(
    console: Console, path: str, way: str, told: str
):
    ops = await console.somebody("ops")
    asked = (await ops.get(f"{SHOP}/letters/{path}", topic=TOPIC)).text
    assert f"all of {TOPIC}" in asked
    assert 'name="through" value="6"' in asked
    assert console.letters.asked == []
    done = await ops.post(f"{SHOP}/letters/{path}", topic=TOPIC, through="6")
    assert done.headers["location"] == f"{SHOP}/letters?topic={TOPIC}&done={told}&n=2"
    assert console.letters.asked == [(way, TOPIC, 6)]
    assert (await console.audited())[-1] == (f"letters.{way}", f"topic:{TOPIC}")
    page = (await ops.get(done.headers["location"])).text
    assert "None waits" in page
    assert "2 records" in page


async def test_what_names_no_topic_or_number_changes_nothing(console: Console):
    ops = await console.somebody("ops")
    await ops.get(f"{SHOP}/letters/put-back", topic=TOPIC)
    for topic, through in (("cart.event", "6"), (TOPIC, "x"), (TOPIC, "-1"), (TOPIC, "9" * 30)):
        assert (await ops.post(f"{SHOP}/letters/put-back", topic=topic, through=through)).status_code == 422
    assert console.letters.asked == []
    assert await console.audited() == [("log_in", "")]


async def test_the_row_comes_before_and_another_says_that_it_failed(console: Console):
    ops = await console.somebody("ops")
    await ops.get(f"{SHOP}/letters/dismiss", topic=TOPIC)
    console.letters.silent = True
    assert (await ops.post(f"{SHOP}/letters/dismiss", topic=TOPIC, through="6")).status_code == 502
    assert [action for action, _ in await console.audited()][-2:] == ["letters.dismiss", "letters.dismiss.failed"]


async def test_who_sees_one_store_alone_has_no_say_in_the_letters_of_all(console: Console):
    person, browser = await console.person("ops", ("shop",)), console.browser()
    await browser.log_in(person.email)
    assert f"{SHOP}/letters" not in (await browser.get(f"{SHOP}/health")).text
    assert (await browser.get(f"{SHOP}/letters", topic=TOPIC)).status_code == 403
    await browser.get(f"{SHOP}/health")
    for path in ("put-back", "dismiss"):
        assert (await browser.post(f"{SHOP}/letters/{path}", topic=TOPIC, through="6")).status_code == 403
    assert console.letters.asked == []
