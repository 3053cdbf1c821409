"""STOP, START and HELP as Twilio delivers them."""

from datetime import date, datetime

import httpx
import pytest

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.channels.sms.twilio_signatures import signature
from services.notifier.web.schemas import ReplyPage
from tests.integration.notifier.conftest import World, low_stock
from tests.integration.notifier.stand_ins import SERVERS_KEY
from tests.integration.playground.conftest import TOKEN
from tests.support.answers import as_documented

URL = "https://n.nordwind.example/twilio/inbound"
NUMBER, OURS = "+4915112345678", "+15005550006"
ODD = "SM" + "0d" * 16


class Phone:
    """Writes to the store's number; each message has an id of its own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.count = client, 0

    async def writes(self, body: str, sid: str | None = None, **more: str) -> httpx.Response:
        self.count += 1
        form = {"From": NUMBER, "To": OURS, "Body": body, "MessageSid": sid or f"SM{self.count:032x}", **more}
        return await self.client.post(URL, data=form, headers={"X-Twilio-Signature": signature(URL, form, TOKEN)})


@pytest.fixture
async def phone(world: World):
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        yield Phone(client)


async def test_stop_ends_text_messages_and_start_brings_them_back(world: World, phone: Phone):
    await world.knows()
    answer = await phone.writes("Stop. Thank you")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<Message>" not in answer.text
    assert not await world.texted()
    await phone.writes("START")
    assert await world.texted()


async def test_a_stop_that_is_delivered_late_again_does_not_undo_a_start(world: World, phone: Phone):
    await world.knows()
    await phone.writes("STOP", sid="SM-first")
    await phone.writes("START")
    await phone.writes("STOP", sid="SM-first")
    assert await world.texted()


async def test_start_does_not_undo_what_was_asked_for_elsewhere(world: World, phone: Phone):
    await world.knows()
    first = await world.asks(**low_stock())
    world.twilio.fails("21610")
    await world.deliver()
    assert await world.ended(first) == ("failed", "twilio_21610")
    await phone.writes("START")
    assert await world.texted(), "Twilio's block is a STOP, which START lifts there too"
    await world.pool.execute("INSERT INTO suppressions VALUES ('demo', 'sms', 'customer:anna', 'unsubscribed')")
    await phone.writes("START")
    assert not await world.texted()


async def test_help_is_answered_in_the_customer_s_language(world: World, phone: Phone):
    await world.knows(locale="de")
    answer = await phone.writes("HELP")
    assert "<Message>Nordwind: Erinnerungen an Ihren Warenkorb. Abmelden: Antwort STOP.</Message>" in answer.text


async def test_twilio_s_own_reading_goes_before_ours_and_is_not_answered_twice(world: World, phone: Phone):
    await world.knows()
    answer = await phone.writes("HELP", OptOutType="HELP")
    assert "<Message>" not in answer.text
    await phone.writes("arrêt", OptOutType="STOP")
    assert not await world.texted()


async def test_what_could_not_be_understood_is_listed_for_a_person_without_its_words(world: World, phone: Phone):
    await world.knows()
    await phone.writes("We have got to STOP this bill", sid=ODD)
    assert await world.texted()
    listed = await phone.client.get(
        "https://n.nordwind.example/v1/stores/demo/replies", headers={"Authorization": f"Bearer {SERVERS_KEY}"}
    )
    (reply,) = listed.json()["replies"]
    assert (reply["message_sid"], reply["customer_id"]) == (ODD, "anna")
    assert date.fromisoformat(reply["due_on"]) > datetime.fromisoformat(reply["received_at"]).date()
    assert as_documented(listed.content, ReplyPage)
    assert "bill" not in listed.text
    assert NUMBER not in listed.text


async def test_unclear_replies_are_read_page_by_page(world: World, phone: Phone):
    """Story: of more than two hundred replies nobody could read the first, which were due first."""
    await world.knows()
    for number in range(3):
        await phone.writes("We have got to STOP this bill", sid="SM" + str(number) * 32)
    url, key = "https://n.nordwind.example/v1/stores/demo/replies", {"Authorization": f"Bearer {SERVERS_KEY}"}
    first = (await phone.client.get(url, params={"limit": 2}, headers=key)).json()
    last = (await phone.client.get(url, params={"limit": 2, "after": first["next"]}, headers=key)).json()
    found = [reply["message_sid"] for page in (first, last) for reply in page["replies"]]
    assert (found, last["next"]) == (["SM" + digit * 32 for digit in "210"], None)
    refused = await phone.client.get(url, params={"after": "SM-2"}, headers=key)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("words", ["Отказ", "отпишите меня", "wypisz mnie", "remove me", "no mas", "opt  out"])
async def test_opting_out_in_one_s_own_language_works(world: World, phone: Phone, words: str):
    await world.knows()
    await phone.writes(words)
    assert not await world.texted()


async def test_a_message_that_twilio_has_not_signed_is_refused(world: World, phone: Phone):
    await world.knows()
    form = {"From": NUMBER, "To": OURS, "Body": "STOP", "MessageSid": ODD}
    for signed in ("", "x", signature(URL, form, "another token"), signature(URL + "x", form, TOKEN)):
        answer = await phone.client.post(URL, data=form, headers={"X-Twilio-Signature": signed})
        assert answer.status_code == 403
    assert await world.texted()


async def test_a_parameter_that_was_moved_makes_no_new_message(world: World, phone: Phone):
    """Story: whoever read one signed STOP in a log sent it again, after START, with its fields cut elsewhere: names and
    values are signed without a mark between them, so that the signature was right.
    """
    await world.knows()
    query = f"{URL}?shop=demo"
    form = {"Body": "STOP", "From": NUMBER, "MessageSid": ODD, "NumMedia": "0", "To": OURS}
    signed = {"X-Twilio-Signature": signature(query, form, TOKEN)}
    assert (await phone.client.post(query, data=form, headers=signed)).status_code == 200
    assert not await world.texted()
    await phone.writes("START")
    assert await world.texted()
    joined = form | {"MessageSid": f"{ODD}NumMedia0"}
    del joined["NumMedia"]
    moved = {name: value for name, value in form.items() if name != "Body"}
    turned = dict(reversed(form.items()))
    again = [(query, joined, 422), (f"{query}BodySTOP", moved, 200), (query, turned, 200)]
    for url, fields, status in again:
        answer = await phone.client.post(url, data=fields, headers=signed)
        assert answer.status_code == status, answer.text
    assert await world.texted()


async def test_a_message_to_a_number_that_is_not_ours_changes_nothing(world: World, phone: Phone):
    await world.knows()
    answer = await phone.writes("STOP", To="+15005550999")
    assert answer.status_code == 200
    assert await world.texted()


async def test_a_huge_body_is_refused(world: World, phone: Phone):
    assert (await phone.writes("x" * 70_000)).status_code == 413
