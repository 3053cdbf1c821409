"""What is common to all providers over HTTP: how far a request came, and what a status means by itself."""

import httpx
import pytest

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Postponed, Refused, Unclear
from services.notifier.channels.ports import Limits


def api(handler) -> HttpApi:
    made = HttpApi("pigeon", "https://pigeon.example", Limits())
    made._http = httpx.AsyncClient(base_url="https://pigeon.example", transport=httpx.MockTransport(handler))
    return made


def raising(error: Exception):
    def handler(_request: httpx.Request) -> httpx.Response:
        raise error

    return handler


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.ProxyError("x")])
async def test_what_never_left_is_put_off_and_the_provider_is_down(error):
    assert await api(raising(error)).post("/x") == Postponed("pigeon_unreachable", down=True)


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout("x"), httpx.WriteTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")],
)
async def test_what_was_sent_and_got_no_answer_in_time_is_unclear(error):
    assert await api(raising(error)).post("/x") == Unclear("pigeon_no_answer")


async def test_a_redirect_is_not_followed_for_it_would_carry_the_log_in_elsewhere():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "https://elsewhere.example/x"})

    answer = await api(handler).post("/x")
    assert isinstance(answer, Answer)
    assert answer.means("pigeon") == Postponed("pigeon_307", ours=True)
    assert asked == ["https://pigeon.example/x"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"[" * 10_000])
async def test_a_body_that_is_no_object_is_read_as_an_empty_one(body):
    answer = await api(lambda _: httpx.Response(200, content=body)).get("/x", {})
    assert isinstance(answer, Answer)
    assert (answer.body, answer.ok) == ({}, True)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, Postponed("pigeon_301", ours=True)),
        (400, Refused("pigeon_400")),
        (401, Postponed("pigeon_401", ours=True)),
        (402, Postponed("pigeon_402", ours=True)),
        (403, Postponed("pigeon_403", ours=True)),
        (404, Postponed("pigeon_404", ours=True)),
        (408, Postponed("pigeon_408")),
        (413, Refused("pigeon_413")),
        (429, Postponed("pigeon_429")),
        (500, Unclear("pigeon_500")),
        (502, Unclear("pigeon_502")),
        (503, Postponed("pigeon_503", down=True)),
        (504, Unclear("pigeon_504")),
    ],
)
def test_a_status_says_whether_it_was_surely_not_taken(status, outcome):
    assert Answer(status).means("pigeon") == outcome


@pytest.mark.parametrize(
    ("header", "wish"),
    [("30", 30.0), ("0", 0.0), ("999999", 3600.0), ("Wed, 21 Oct", None), ("-1", None), ("²", None), (None, None)],
)
def test_a_wish_is_heeded_within_reason(header, wish):
    answer = Answer(429, headers={"Retry-After": header} if header else {})
    assert answer.means("pigeon") == Postponed("pigeon_429", wish)


def test_fields_of_another_kind_are_passed_over():
    answer = Answer(200, {"text": 1, "number": "1"})
    assert (answer.text("text"), answer.number("number"), answer.text("none")) == (None, None, None)


def test_an_answer_is_shown_without_what_it_says():
    assert "anna@mail.example" not in repr(Answer(400, {"message": "anna@mail.example"}, {"x": "anna@mail.example"}))
