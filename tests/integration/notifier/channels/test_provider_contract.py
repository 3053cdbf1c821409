"""Every provider of the registry says the same of the same events, each at its own stand-in."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.notifier.channels.email.smtp import Smtp, SmtpSettings
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.channels.ports import Limits
from services.notifier.channels.registry import CHANNELS
from services.notifier.channels.sms.twilio import Twilio as TwilioProvider
from services.notifier.channels.sms.twilio import TwilioSettings
from tests.integration.notifier.http_cases import HTTP, LETTER, TALKS, at
from tests.integration.notifier.http_stand_ins import StandIn
from tests.integration.notifier.stand_ins import Relay, Twilio
from tests.integration.playground.conftest import ACCOUNT, TOKEN

ID = UUID(int=1)


def always(word: Any) -> Callable[[], Any]:
    """A last word that is the same whenever it is asked."""

    async def last_word() -> Any:
        return word

    return last_word


NOWHERE = 1
"""A port that nothing listens on."""


@dataclass
class Case:
    """A provider at its stand-in, which can be told what to answer next."""

    provider: Any
    out_of_reach: Any
    send: Callable[[Any], Any]
    withhold: Callable[[Any], Any]
    taken: Callable[[], int]
    answers: dict[str, Callable[[], object]]

    async def sends(self, provider: Any = None) -> Outcome:
        outcome: Outcome = await self.send(provider or self.provider)
        return outcome

    async def close(self) -> None:
        await self.provider.close()
        await self.out_of_reach.close()


def smtp_at(port: int) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, starttls=False), Limits())


async def smtp_case(_folder: Path) -> tuple[Case, Callable[[], Any]]:
    relay = Relay()
    await relay.start()
    case = Case(
        smtp_at(relay.port),
        smtp_at(NOWHERE),
        mailing(always(LETTER)),
        mailing(always(None)),
        lambda: len(relay.messages),
        {
            "refused": lambda: relay.fails("550 5.7.1 not wanted here", "rcpt"),
            "later": lambda: relay.fails("451 4.7.1 greylisted", "rcpt"),
            "unclear": lambda: relay.fails("drop_after_data"),
            "closed": lambda: relay.fails("550 5.1.1 no such user", "rcpt"),
            "ours": lambda: relay.fails("550 5.7.1 sender not authorized", "rcpt"),
            "down": lambda: relay.fails("421 4.3.2 shutting down", "rcpt"),
        },
    )
    return case, relay.stop


def texting(last_word: Any, sender: str = "+15005550006", to: str = "+4915112345678") -> Callable[[Any], Any]:
    return lambda provider: provider.send(sender, to, last_word, reminder_id=ID)


def mailing(last_word: Any) -> Callable[[Any], Any]:
    return lambda provider: provider.send(LETTER, last_word)


def twilio_at(url: str) -> TwilioProvider:
    settings = TwilioSettings.model_validate({"base_url": url, "account_sid": ACCOUNT, "auth_token": TOKEN})
    return TwilioProvider(settings, Limits())


async def twilio_case(folder: Path) -> tuple[Case, Callable[[], Any]]:
    twilio = Twilio(folder)
    case = Case(
        twilio_at(twilio.server.url),
        twilio_at(f"http://127.0.0.1:{NOWHERE}"),
        texting(always("2 items are still in your cart")),
        texting(always(None)),
        lambda: len(twilio.taken),
        {
            "refused": lambda: twilio.fails("21211"),
            "later": lambda: twilio.fails("429"),
            "unclear": lambda: twilio.fails("500"),
            "closed": lambda: twilio.fails("21610"),
            "ours": lambda: twilio.fails("21606"),
            "down": lambda: twilio.fails("503"),
        },
    )
    return case, twilio.stop


async def http_case(name: str, _folder: Path) -> tuple[Case, Callable[[], Any]]:
    spoken = HTTP[name]
    stand_in = spoken.stand_in()
    sender, to, word = TALKS.get(spoken.channel, ("", "", LETTER))
    by = mailing if spoken.channel == "email" else partial(texting, sender=sender, to=to)
    case = Case(
        at(name, stand_in.server.url),
        at(name, f"http://127.0.0.1:{NOWHERE}"),
        by(always(word)),
        by(always(None)),
        lambda: len(stand_in.taken),
        {what: failing(stand_in, *answer) for what, answer in spoken.answers.items()},
    )
    return case, stand_in.stop


def failing(stand_in: StandIn, status: int, body: Any = None, headers: Any = None) -> Callable[[], object]:
    return lambda: stand_in.fails(status, body, headers)


CASES: dict[str, Callable[[Path], Any]] = {"smtp": smtp_case, "twilio": twilio_case}
CASES |= {name: partial(http_case, name) for name in HTTP}
"""A provider that is added to the registry is added here, or in `http_cases`, with a stand-in of these answers."""
SILENT = {"ses", "resend", "sendgrid", "mailgun"}
"""They take what is for a closed address, and tell of it later alone."""


@pytest.fixture(params=sorted(CASES))
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    made, stop = await CASES[request.param](tmp_path)
    yield made
    await made.close()
    await stop()


def test_every_provider_is_held_to_this() -> None:
    assert set(CASES) == {name for channel in CHANNELS.values() for name in channel.providers}


async def test_what_is_taken_is_accepted_under_the_provider_s_id(case: Case) -> None:
    outcome = await case.sends()
    assert isinstance(outcome, Accepted)
    assert outcome.provider_id
    assert case.taken() == 1


async def test_what_is_refused_for_good_closes_nothing(case: Case) -> None:
    case.answers["refused"]()
    outcome = await case.sends()
    assert isinstance(outcome, Refused)
    assert outcome.suppress is None
    assert case.taken() == 0


async def test_what_is_refused_for_now_is_taken_the_next_time(case: Case) -> None:
    case.answers["later"]()
    assert isinstance(await case.sends(), Postponed)
    assert case.taken() == 0
    assert isinstance(await case.sends(), Accepted)


async def test_a_provider_that_is_out_of_order_is_told_from_one_that_refuses_this_message(case: Case) -> None:
    case.answers["down"]()
    outcome = await case.sends()
    assert isinstance(outcome, Postponed)
    assert outcome.down
    assert case.taken() == 0


async def test_who_is_refused_for_their_log_in_or_sender_loses_no_message(case: Case) -> None:
    case.answers["ours"]()
    outcome = await case.sends()
    assert isinstance(outcome, Postponed)
    assert outcome.ours
    assert case.taken() == 0
    assert isinstance(await case.sends(), Accepted)


async def test_a_provider_out_of_reach_surely_has_nothing(case: Case) -> None:
    assert isinstance(await case.sends(case.out_of_reach), Postponed)


async def test_what_may_have_been_taken_is_unclear(case: Case) -> None:
    case.answers["unclear"]()
    assert isinstance(await case.sends(), Unclear)


async def test_what_the_last_word_forbids_is_not_handed_over_and_the_next_one_is(case: Case) -> None:
    assert await case.withhold(case.provider) == Withheld()
    assert case.taken() == 0
    assert isinstance(await case.sends(), Accepted)
    assert case.taken() == 1


@pytest.mark.parametrize("case", sorted(set(CASES) - SILENT), indirect=True)
async def test_an_address_that_wants_or_takes_nothing_is_closed(case: Case) -> None:
    case.answers["closed"]()
    outcome = await case.sends()
    assert isinstance(outcome, Refused)
    assert outcome.suppress in {"bounced", "stop"}


async def test_reasons_are_words_that_may_stand_in_events_and_labels(case: Case) -> None:
    for answer in case.answers.values():
        answer()
        outcome = await case.sends()
        assert isinstance(outcome, Refused | Postponed | Unclear)
        assert outcome.reason.replace("_", "").isalnum()
        assert len(outcome.reason) < 40
