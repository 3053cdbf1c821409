import asyncio

import pytest

from tests.integration.playground.conftest import an_email


async def test_a_reader_waits_until_his_message_comes(playground):
    waiting = asyncio.create_task(playground.messages(to="ana@example.com", wait=30))
    await playground.send(an_email(), to="bob@example.com")
    await playground.send(an_email(subject="for Ana"))
    assert [message["subject"] for message in await waiting] == ["for Ana"]


async def test_a_reader_gets_what_came_after_what_he_knows(playground):
    await playground.send(an_email(subject="old"))
    cursor = (await playground.http.get("/api/messages")).json()["cursor"]
    waiting = asyncio.create_task(playground.messages(after=cursor, wait=30))
    await playground.send(an_email(subject="new", message_id="<2@shop>"))
    assert [message["subject"] for message in await waiting] == ["new"]


async def test_a_reader_may_name_an_instant(playground):
    await playground.send(an_email())
    [message] = await playground.messages()
    assert await playground.messages(after=message["received_at"]) == []
    assert len(await playground.messages(after="2020-01-01T00:00:00+01:00")) == 1
    unescaped = await playground.http.get("/api/messages?after=2020-01-01T00:00:00+01:00")
    assert len(unescaped.json()["messages"]) == 1


async def test_a_wait_that_ends_in_vain_is_answered_with_nothing_and_the_same_cursor(playground):
    answer = await playground.http.get("/api/messages", params={"after": "5", "wait": "0.01"})
    assert answer.json() == {"messages": [], "cursor": "5"}


async def test_the_plus_of_a_number_may_arrive_unescaped(playground):
    await playground.text()
    answer = await playground.http.get("/api/messages?to=+12015550123")
    assert len(answer.json()["messages"]) == 1


async def test_one_recipients_messages_can_be_forgotten(playground):
    await playground.send(an_email())
    await playground.send(an_email(message_id="<2@shop>"), to="bob@example.com")
    assert (await playground.http.delete("/api/messages", params={"to": "ana@example.com"})).json() == {"deleted": 1}
    assert [message["to"] for message in await playground.messages()] == [["bob@example.com"]]
    await playground.send(an_email())
    assert not (await playground.messages())[0]["duplicate"]


@pytest.mark.parametrize(
    "query", ["after=yesterday", "wait=-1", "wait=nan", "limit=x", "channel=fax", "after=-1", "limit=1e9"]
)
async def test_a_senseless_query_is_a_problem_document(playground, query):
    answer = await playground.http.get(f"/api/messages?{query}")
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:evercart:problem:invalid-query"


async def test_a_message_that_is_not_there_is_a_problem_document(playground):
    for path in ("/api/messages/1", "/api/messages/1/raw"):
        answer = await playground.http.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_of_a_foreign_page_changes_nothing(playground):
    answer = await playground.http.post(
        "/api/faults", content='{"smtp": "451"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 415
    assert (await playground.http.get("/api/faults")).json() == {"pending": []}


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "\x00", '{"smtp": "999"}'])
async def test_a_malformed_fault_is_a_problem_document(playground, content):
    answer = await playground.http.post("/api/faults", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
