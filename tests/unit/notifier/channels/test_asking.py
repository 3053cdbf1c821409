"""Where an answer was lost the provider is asked, and only a yes is believed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.notifier.channels import asking
from services.notifier.channels.asking import Asking, CanBeAsked
from services.notifier.channels.email.postmark import Postmark, found
from services.notifier.channels.email.ses import Ses
from services.notifier.channels.http_api import Answer
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.channels.ports import Question
from services.notifier.channels.sms import twilio
from services.notifier.domain.envelope import Envelope

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ID = UUID(int=1)
LETTER = Envelope(ID, "hello@nordwind.example", "anna@mail.example", b"")
UNCLEAR = Unclear("x_no_answer")


class Post:
    def __init__(self, says: Outcome, *knows: Accepted | None) -> None:
        self.says, self.knows = says, list(knows)
        self.asked: list[Question] = []

    async def send(self, *message: Any, **_more: Any) -> Outcome:
        await message[-1]()
        return self.says

    async def ask(self, question: Question) -> Accepted | None:
        self.asked.append(question)
        return self.knows.pop(0) if self.knows else None


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PAUSES_S", (0, 0))


def word(says: Any) -> Any:
    async def last_word() -> Any:
        return says

    return last_word


async def letter(post: Post) -> Outcome:
    return await Asking(post, lambda: NOON).send(LETTER, word(LETTER))


async def test_what_is_found_after_a_lost_answer_was_sent():
    post = Post(UNCLEAR, Accepted("p1"))
    assert await letter(post) == Accepted("p1")
    assert post.asked == [Question(ID, NOON, "anna@mail.example")]


async def test_what_is_not_found_at_first_is_asked_for_again_and_then_stays_unclear():
    assert await letter(Post(UNCLEAR, None, Accepted("p1"))) == Accepted("p1")
    post = Post(UNCLEAR)
    assert await letter(post) == UNCLEAR
    assert len(post.asked) == 2


@pytest.mark.parametrize("says", [Accepted("1"), Refused("x"), Postponed("x", down=True), Withheld()])
async def test_a_clear_answer_is_asked_about_by_nobody(says):
    post = Post(says)
    assert await letter(post) == says
    assert post.asked == []


async def test_a_text_is_asked_for_by_what_it_said_in_the_end():
    post = Post(UNCLEAR, Accepted("SM1"))
    sending = Asking(post, lambda: NOON)
    assert await sending.send("+15005550006", "+4915112345678", word("2 items"), reminder_id=ID) == Accepted("SM1")
    assert post.asked == [Question(ID, NOON, "+4915112345678", "2 items")]


def test_a_question_is_shown_without_whom_and_what():
    shown = repr(Question(ID, NOON, "anna@mail.example", "2 items"))
    assert "anna" not in shown
    assert "2 items" not in shown


def test_a_provider_says_by_its_method_whether_it_can_be_asked():
    assert issubclass(Postmark, CanBeAsked)
    assert issubclass(twilio.Twilio, CanBeAsked)
    assert not issubclass(Ses, CanBeAsked)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(200, {"TotalCount": 1, "Messages": [{"MessageID": "p1"}]}), Accepted("p1")),
        (Answer(200, {"TotalCount": 0, "Messages": []}), None),
        (Answer(200, {"Messages": [{"MessageID": 7}]}), None),
        (Answer(200, {"Messages": "x"}), None),
        (Answer(200, {}), None),
        (Answer(500, {"Messages": [{"MessageID": "p1"}]}), None),
    ],
)
def test_what_postmark_has_found(answer, message):
    assert found(answer) == message


def text(sid: str = "SM1", made: str = "Tue, 10 Mar 2026 12:00:01 +0000", body: str = "2 items") -> dict[str, Any]:
    return {"sid": sid, "date_created": made, "body": body}


@pytest.mark.parametrize(
    ("messages", "sid"),
    [
        ([text()], "SM1"),
        ([text(), text("SM2", "Tue, 10 Mar 2026 11:00:00 +0000")], "SM1"),
        ([text(), text("SM2", body="another reminder")], "SM1"),
        ([text(), text("SM2")], None),
        ([text(body="another reminder")], None),
        ([text(made="Tue, 10 Mar 2026 13:00:01 +0100")], "SM1"),
        ([text(made="Tue, 10 Mar 2026 11:59:55 +0000")], "SM1"),
        ([text(made="Tue, 10 Mar 2026 11:59:54 +0000")], None),
        ([text(made="Tue, 10 Mar 2026 12:01:15 +0000")], "SM1"),
        ([text(made="Tue, 10 Mar 2026 12:01:16 +0000")], None),
        ([text(made="yesterday")], None),
        ([{"sid": 7} | text() | {"sid": 7}], None),
        (["x"], None),
        ([], None),
        ("x", None),
    ],
)
def test_what_twilio_has_found(messages, sid):
    question = Question(ID, NOON, "+4915112345678", "2 items")
    assert twilio.found(Answer(200, {"messages": messages}), question) == (Accepted(sid) if sid else None)


def test_two_texts_of_one_time_say_nothing_where_the_words_are_not_known():
    question = Question(ID, NOON, "+4915112345678")
    assert twilio.found(Answer(200, {"messages": [text(body="any")]}), question) == Accepted("SM1")
    assert twilio.found(Answer(200, {"messages": [text(), text("SM2", body="any")]}), question) is None
    assert twilio.found(Answer(401, {"messages": [text()]}), question) is None
