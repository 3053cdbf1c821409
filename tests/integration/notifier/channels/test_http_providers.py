"""What goes to each provider over HTTP, and what of its own it is held to besides the cases that all have to pass."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.http_cases import CONTENT, HEADERS, HTTP, LETTER, TALKS, TEXT, at, resend
from tests.integration.notifier.http_stand_ins import StandIn

ID = str(UUID(int=1))


@pytest.fixture
async def stand_in(request: pytest.FixtureRequest) -> AsyncIterator[StandIn]:
    made = HTTP[request.param].stand_in()
    yield made
    await made.stop()


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("stand_in", "name"), [(name, name) for name in names], indirect=["stand_in"])


async def sends(name: str, stand_in: StandIn, letter: Envelope = LETTER, **changed: str) -> Outcome:
    provider = at(name, stand_in.server.url, **changed)

    async def last_word() -> Envelope:
        return letter

    async def last_text() -> object:
        return TALKS[HTTP[name].channel][2]

    try:
        if HTTP[name].channel == "email":
            outcome: Outcome = await provider.send(LETTER, last_word)
        else:
            sender, to, _ = TALKS[HTTP[name].channel]
            outcome = await provider.send(sender, to, last_text, reminder_id=UUID(int=1))
    finally:
        await provider.close()
    return outcome


@of(*sorted(set(HTTP) - {"telegram"}))
async def test_the_message_carries_the_reminder_s_id_to_where_callbacks_bring_it_back(stand_in, name):
    await sends(name, stand_in)
    [taken] = stand_in.taken
    where = {
        "ses": lambda: taken["EmailTags"] == [{"Name": "reminder_id", "Value": ID}],
        "resend": lambda: taken["tags"] == [{"name": "reminder_id", "value": ID}],
        "postmark": lambda: taken["Metadata"] == {"reminder_id": ID},
        "sendgrid": lambda: taken["custom_args"] == {"reminder_id": ID},
        "mailgun": lambda: taken["v:reminder_id"] == ID,
        "vonage": lambda: taken["client_ref"] == ID,
        "whatsapp": lambda: taken["biz_opaque_callback_data"] == ID,
    }
    assert where[name]()


@of("ses", "mailgun")
async def test_the_finished_message_goes_as_it_is(stand_in, name):
    await sends(name, stand_in)
    [taken] = stand_in.taken
    assert taken["raw" if name == "ses" else "message"] == CONTENT


@of("ses")
async def test_ses_is_told_whom_it_is_from_and_to_and_its_configuration_set(stand_in, name):
    await sends(name, stand_in, configuration_set="told")
    [taken] = stand_in.taken
    assert taken["FromEmailAddress"] == "hello@nordwind.example"
    assert taken["Destination"] == {"ToAddresses": ["anna@mail.example"]}
    assert taken["ConfigurationSetName"] == "told"


@of("postmark", "resend", "sendgrid")
async def test_a_provider_that_puts_the_message_together_gets_its_words_and_its_headers(stand_in, name):
    await sends(name, stand_in)
    [taken] = stand_in.taken
    named = '"Nordwind \\"Möbel\\"" <hello@nordwind.example>'
    if name == "postmark":
        said = taken["From"], taken["To"], taken["Subject"], taken["TextBody"], taken["HtmlBody"]
        headers = {header["Name"]: header["Value"] for header in taken["Headers"]}
        assert headers["X-PM-KeepID"] == "true"
        assert (taken["TrackOpens"], taken["TrackLinks"], taken["MessageStream"]) == (False, "None", "outbound")
    elif name == "resend":
        said = taken["from"], *taken["to"], taken["subject"], taken["text"], taken["html"]
        headers = taken["headers"]
    else:
        sender = taken["from"]
        assert sender == {"email": "hello@nordwind.example", "name": 'Nordwind "Möbel"'}
        [to] = taken["personalizations"][0]["to"]
        said = named, to["email"], taken["subject"], *(part["value"] for part in taken["content"])
        headers = taken["headers"]
        assert not any(of["enable"] for of in taken["tracking_settings"].values())
    assert said == (named, "anna@mail.example", "Ihr Warenkorb", "Zwei Becher", "<p>Zwei Becher</p>")
    assert dict(HEADERS).items() <= headers.items()
    if name != "resend":
        assert headers["Message-ID"] == f"<{ID}@nordwind.example>"


@of("vonage")
async def test_vonage_gets_numbers_without_a_plus(stand_in, name):
    await sends(name, stand_in)
    [taken] = stand_in.taken
    assert (taken["from"], taken["to"], taken["text"]) == ("15005550006", "4915112345678", TEXT)


@of(*HTTP)
async def test_what_is_sent_is_the_last_word_and_not_what_was_written_before(stand_in, name):
    other = replace(LETTER, content=b"Subject: y\r\n\r\ny\r\n", parts=replace(LETTER.parts, text="ein Becher"))
    await sends(name, stand_in, other)
    said = str(stand_in.taken) + (
        base64.b64decode(stand_in.taken[0]["Content"]["Raw"]["Data"]).decode() if name == "ses" else ""
    )
    assert any(word in said for word in ("ein Becher", "Subject: y", TEXT))


SECRETS = {"ses": "secret_access_key", "postmark": "server_token", "vonage": "api_secret"}
SECRETS |= {"whatsapp": "access_token", "telegram": "bot_token"}
WRONG = {"telegram": "987654321:AAGx-wrong-0123456789abcdefghijk"}
"""One that has the shape."""


@of(*HTTP)
async def test_a_wrong_log_in_is_ours_to_repair(stand_in, name):
    outcome = await sends(name, stand_in, LETTER, **{SECRETS.get(name, "api_key"): WRONG.get(name, "wrong")})
    assert isinstance(outcome, Postponed)
    assert outcome.ours
    assert stand_in.taken == []


@of(*HTTP)
async def test_a_wish_to_be_left_alone_is_heeded(stand_in, name):
    status, body, *_ = HTTP[name].answers["later"]
    headers = HTTP[name].answers["later"][2] if name == "ses" else {}
    stand_in.fails(status, body, {**headers, "Retry-After": "7"})
    outcome = await sends(name, stand_in)
    assert isinstance(outcome, Postponed)
    assert (outcome.retry_after_s, outcome.ours, outcome.down) == (7, False, False)


@of(*sorted(set(HTTP) - {"resend"}))
async def test_what_breaks_after_the_request_was_sent_is_unclear_and_not_repeated(stand_in, name):
    stand_in.hangs_up_after_taking()
    assert await sends(name, stand_in) == Unclear(f"{name}_no_answer")
    assert len(stand_in.taken) == 1
    assert len(stand_in.asked) == 1


@of("resend")
async def test_resend_is_asked_again_under_the_same_key_and_takes_the_message_once(stand_in, name):
    stand_in.hangs_up_after_taking()
    assert await sends(name, stand_in) == Accepted("re-1")
    assert len(stand_in.taken) == 1
    assert [request.headers["idempotency-key"] for request in stand_in.asked] == [ID, ID]


@of("resend")
async def test_resend_is_asked_again_while_an_earlier_attempt_is_under_way(stand_in, name):
    stand_in.fails(*resend(409, "concurrent_idempotent_requests"))
    assert await sends(name, stand_in) == Accepted("re-1")


@of("resend")
async def test_what_resend_may_have_taken_before_it_was_busy_stays_unclear(stand_in, name):
    stand_in.hangs_up_after_taking()
    stand_in.fails(*resend(429, "rate_limit_exceeded"))
    assert await sends(name, stand_in) == Unclear("resend_rate_limit_exceeded")


@of("resend")
async def test_other_words_under_a_key_that_was_used_are_not_sent(stand_in, name):
    await sends(name, stand_in)
    other = replace(LETTER, parts=replace(LETTER.parts, text="ein Becher"))
    assert await sends(name, stand_in, other) == Unclear("resend_invalid_idempotent_request")
    assert len(stand_in.taken) == 1


@of("mailgun")
async def test_a_domain_that_mailgun_does_not_know_is_ours_to_repair(stand_in, name):
    outcome = await sends(name, stand_in, domain="other.example")
    assert outcome == Postponed("mailgun_404", ours=True)


@of("vonage")
async def test_a_sender_that_vonage_can_t_use_is_ours_to_repair(stand_in, name):
    body = {"type": "https://developer.vonage.com/api-errors/messages-olympus#1020", "title": "x"}
    stand_in.fails(422, body | {"invalid_parameters": [{"name": "from", "reason": "invalid"}]})
    assert await sends(name, stand_in) == Postponed("vonage_1020", ours=True)
    stand_in.fails(422, body | {"invalid_parameters": [{"name": "to", "reason": "invalid"}]})
    assert await sends(name, stand_in) == Refused("vonage_1020")
