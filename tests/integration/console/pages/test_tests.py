"""A test of a message: to a listed address alone, with whose name it has in the audit, and never where it goes."""

from typing import Any

from tests.integration.console.pages.conftest import Console

TEST = "/stores/shop/test"
CHOSEN: dict[str, Any] = {"template": "browse", "language": "pl", "channel": "email"}


async def test_a_marketer_sends_one_from_messages_and_templates(console: Console):
    marketer = await console.somebody("marketer")
    assert f'href="{TEST}"' in (await marketer.get("/stores/shop/messages")).text
    assert f"{TEST}?template=browse" in (await marketer.get("/stores/shop/templates", template="browse")).text
    asked = (await marketer.get(TEST, **CHOSEN)).text
    assert 'value="marketer@shop.example"' in asked, "their own address, unless they say another"
    assert 'name="customer"' not in asked, "a marketer sees no customer"
    sent = await marketer.post(TEST, to="mia@shop.example", customer="anna", **CHOSEN)
    assert "It is on its way" in sent.text
    assert console.fake.calls == [("POST", "/preview/send", CHOSEN | {"to": "mia@shop.example"})]
    assert ("tests.send", "template:browse") in await console.audited()


async def test_support_sends_one_with_a_customers_name_and_that_is_noted(console: Console):
    support = await console.somebody("support")
    await support.get(TEST)
    sent = await support.post(TEST, to="+48221234567", customer=" anna ", **CHOSEN | {"language": "", "channel": "sms"})
    assert sent.status_code == 200
    (call,) = console.fake.calls
    assert call[2] == {"template": "browse", "channel": "sms", "to": "+48221234567", "customer_id": "anna"}
    assert (await console.audited())[-1] == ("tests.send", "customer:anna")
    rows = await console.pool.fetch("SELECT * FROM audit")
    assert "48221234567" not in repr([dict(row) for row in rows])


async def test_an_address_that_is_not_listed_and_any_other_refusal_are_told(console: Console):
    marketer = await console.somebody("marketer")
    await marketer.get(TEST)
    assert "Say where it goes" in (await marketer.post(TEST, to=" ", **CHOSEN)).text
    assert console.fake.calls == []
    console.fake.refuses["/preview/send"] = (403, {"detail": "This address is not one of the store's test_addresses."})
    refused = await marketer.post(TEST, to="anna@mail.example", **CHOSEN)
    assert (refused.status_code, "messages.test_addresses" in refused.text) == (422, True)
    console.fake.refuses["/preview/send"] = (404, {"detail": "There is no such template."})
    assert "There is no such template" in (await marketer.post(TEST, to="mia@shop.example", **CHOSEN)).text
    assert (await console.audited())[-1] == ("tests.send.failed", "template:browse")


async def test_what_the_provider_did_not_take_is_no_success(console: Console):
    marketer = await console.somebody("marketer")
    await marketer.get(TEST)
    console.fake.refuses["/preview/send"] = (200, {"outcome": "refused", "reason": "554 no"})
    page = (await marketer.post(TEST, to="mia@shop.example", **CHOSEN)).text
    assert "The provider has refused it" in page
    assert "554 no" in page
    assert "on its way" not in page
