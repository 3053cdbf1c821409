"""MAIL and RCPT go together where the relay offers that (RFC 2920). DATA never does: the last look stands before it."""

from dataclasses import replace

import pytest

from services.notifier.channels.outcome import Accepted, Postponed, Refused
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.scripted import LETTER, PIPELINING, sends, smtp
from tests.integration.notifier.stand_ins import Relay

MAIL, RCPT = b"MAIL FROM:<hello@nordwind.example>\r\n", b"RCPT TO:<anna@mail.example>\r\n"
GONE = Postponed("smtp_disconnected", down=True)


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept session is not taken for an idle one because this machine is slow."""
    monkeypatch.setattr("services.notifier.channels.email.smtp.UNASKED_MOST_S", 3600)


@pytest.fixture
async def relay():
    relay = Relay()
    await relay.start()
    yield relay
    await relay.stop()


async def test_sender_and_recipient_take_one_round_trip_and_data_its_own(relay: Relay):
    provider = smtp(relay, starttls=False)
    before_the_word: list[bytes] = []

    async def last_word() -> Envelope:
        before_the_word.extend(relay.read)
        return LETTER

    assert isinstance(await provider.send(LETTER, last_word), Accepted)
    await provider.close()
    assert before_the_word[1:] == [MAIL + RCPT]
    assert relay.read[2] == b"DATA\r\n"


async def test_the_next_message_of_a_kept_session_takes_one_round_trip_before_data(relay: Relay):
    provider = smtp(relay, starttls=False)
    await sends(provider)
    first = len(relay.read)
    assert await sends(provider) == Accepted("00000002")
    assert relay.read[first : first + 2] == [MAIL + RCPT, b"DATA\r\n"]
    assert relay.sessions == 1
    await provider.close()


async def test_a_session_that_was_idle_for_a_while_is_asked_whether_it_is_still_there(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.notifier.channels.email.smtp.UNASKED_MOST_S", 0)
    provider = smtp(relay, starttls=False)
    await sends(provider)
    first = len(relay.read)
    assert await sends(provider) == Accepted("00000002")
    assert relay.read[first : first + 3] == [b"RSET\r\n", MAIL + RCPT, b"DATA\r\n"]
    await provider.close()


async def test_a_refused_message_leaves_nothing_behind_for_the_next_one(scripted):
    """The sender was taken, so that the session stands in the middle of a message."""
    relay = await scripted(EHLO=PIPELINING, RCPT=b"550 5.1.1 no such mailbox", DOT=b"250 taken")
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == NO_SUCH_MAILBOX
    relay.says["RCPT"] = b"250 ok"
    assert await sends(provider) == Accepted(None)
    assert relay.heard[1:6] == [MAIL, RCPT, b"RSET\r\n", MAIL, RCPT]
    assert relay.sessions == 1
    await provider.close()


@pytest.mark.parametrize("ending", [None, b"421 4.4.2 idle for too long"])
@pytest.mark.parametrize("offers", [PIPELINING, b"250 scripted"], ids=["together", "one by one"])
async def test_a_kept_session_that_the_relay_ends_costs_nothing_but_a_new_one(scripted, offers, ending):
    """It hangs up when it hears of the next message: nothing was asked for, so another session is tried at once."""
    relay = await scripted(EHLO=offers, DOT=b"250 taken")
    provider = smtp(relay, starttls=False)
    assert isinstance(await sends(provider), Accepted)
    relay.hangs_up_once("MAIL", ending)
    assert isinstance(await sends(provider), Accepted)
    assert relay.sessions == 2
    await provider.close()


async def test_a_session_that_breaks_when_the_word_was_asked_is_tried_no_second_time(scripted):
    relay = await scripted(DOT=b"250 taken")
    provider = smtp(relay, starttls=False)
    assert isinstance(await sends(provider), Accepted)
    asked: list[int] = []

    async def last_word() -> Envelope:
        asked.append(1)
        relay.hangs_up_once("DATA", None)
        return LETTER

    assert await provider.send(LETTER, last_word) == Postponed("smtp_disconnected", down=True)
    assert (asked, relay.sessions) == ([1], 1)
    await provider.close()


async def test_a_relay_that_does_not_offer_it_is_told_one_thing_at_a_time(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
):
    async def offers_nothing(_self, _server, session, _envelope, hostname, responses):
        session.host_name = hostname
        return responses

    monkeypatch.setattr("deploy.playground.smtp.Reception.handle_EHLO", offers_nothing)
    provider = smtp(relay, starttls=False)
    assert isinstance(await sends(provider), Accepted)
    await provider.close()
    assert relay.read[1:4] == [MAIL, RCPT, b"DATA\r\n"]


SENDER_REFUSED = Postponed("smtp_553_sender", ours=True)
NO_SUCH_MAILBOX = Refused("smtp_550", suppress="bounced")


@pytest.mark.parametrize("offers", [PIPELINING, b"250 scripted"], ids=["together", "one by one"])
@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ({"MAIL": b"553 5.1.8 no", "RCPT": b"503 5.5.1 MAIL first"}, SENDER_REFUSED),
        ({"MAIL": b"553-5.1.8 no,\r\n553 5.1.8 never", "RCPT": b"503 5.5.1 MAIL first"}, SENDER_REFUSED),
        ({"MAIL": b"553 5.1.8 no", "RCPT": b"250 ok"}, SENDER_REFUSED),
        ({"MAIL": b"451 4.3.0 later", "RCPT": b"550 5.1.1 nobody"}, Postponed("smtp_451_sender")),
        ({"RCPT": b"550 5.1.1 nobody"}, NO_SUCH_MAILBOX),
        ({"RCPT": b"550-5.1.1 nobody\r\n550 of that name"}, NO_SUCH_MAILBOX),
        ({"RCPT": b"452 4.2.2 full"}, Postponed("smtp_452")),
        ({"RCPT": b"199 what"}, GONE),
    ],
)
async def test_each_refusal_is_told_to_the_right_command_and_the_message_is_never_sent(scripted, offers, says, outcome):
    relay = await scripted(EHLO=offers, **says)
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == outcome
    assert b"DATA\r\n" not in relay.heard
    await provider.close()


@pytest.mark.parametrize(
    "says",
    [
        {"MAIL": b"nonsense"},
        {"RCPT": b"nonsense"},
        {"MAIL": b"250 ok", "RCPT": None},
        {"MAIL": None},
        {"RCPT": b"250-" + b"x" * 20_000},
        {"RCPT": b"\r\n".join([b"250-on and on"] * 200)},
    ],
)
async def test_a_session_that_is_out_of_step_is_given_up_and_nothing_was_handed_over(scripted, says):
    relay = await scripted(EHLO=PIPELINING, **says)
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == GONE
    assert provider._idle == []
    assert b"DATA\r\n" not in relay.heard


async def test_a_refused_sender_leaves_the_session_for_the_next_message(scripted):
    relay = await scripted(EHLO=PIPELINING, MAIL=b"450 4.7.1 slowly", RCPT=b"503 5.5.1 MAIL first", DOT=b"250 ok")
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == Postponed("smtp_450_sender")
    relay.says |= {"MAIL": b"250 ok", "RCPT": b"250 ok"}
    assert isinstance(await sends(provider), Accepted)
    assert relay.sessions == 1
    await provider.close()


async def test_replies_that_come_in_one_piece_are_told_apart(scripted):
    relay = await scripted(EHLO=PIPELINING, MAIL=b"", RCPT=b"250 ok\r\n550 5.1.1 nobody")
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == NO_SUCH_MAILBOX
    await provider.close()


async def test_a_relay_that_keeps_one_reply_to_itself_is_not_waited_for_without_end(scripted):
    relay = await scripted(EHLO=PIPELINING, RCPT=b"")
    provider = smtp(relay, starttls=False, patience=0.0005)
    assert await sends(provider) == GONE
    assert relay.heard[1:3] == [MAIL, RCPT]


async def test_an_address_that_holds_a_control_character_is_never_said(scripted):
    relay = await scripted(EHLO=PIPELINING)
    provider = smtp(relay, starttls=False)
    hostile = replace(LETTER, recipient="anna\x00@mail.example")

    async def never() -> Envelope:
        raise AssertionError

    with pytest.raises(ValueError, match="control character"):
        await provider.send(hostile, never)
    assert [line[:4] for line in relay.heard] == [b"EHLO"]
