"""What may be a provider's last word bears its name, whichever of a store's order it was."""

from typing import Any

import pytest

from services.notifier.channels.by_name import ByName
from services.notifier.channels.in_order import Breakers, InOrder
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear, Withheld


class Says:
    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.given, self.closed = outcome, list[Any](), False

    async def send(self, *message: Any, **more: Any) -> Outcome:
        self.given.append((message, more))
        return self.outcome

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (Accepted("1"), Accepted("1", "ses")),
        (Refused("ses_400", "bounced"), Refused("ses_400", "bounced", "ses")),
        (Unclear("ses_500"), Unclear("ses_500", "ses")),
        (Postponed("ses_429", 7), Postponed("ses_429", 7)),
        (Withheld(), Withheld()),
    ],
)
async def test_a_provider_s_answer_bears_its_name(said: Outcome, heard: Outcome) -> None:
    provider = Says(said)
    assert await ByName("ses", provider).send("letter", "word", reminder_id=1) == heard
    assert provider.given == [(("letter", "word"), {"reminder_id": 1})]


async def test_it_is_closed_with_its_provider() -> None:
    provider = Says(Withheld())
    await ByName("ses", provider).close()
    assert provider.closed


async def test_after_a_fail_over_it_is_the_name_of_who_took_it() -> None:
    order = [
        (name, ByName(name, Says(said))) for name, said in (("ses", Postponed("x", down=True)), ("smtp", Accepted("1")))
    ]
    assert await InOrder("demo", "email", order, Breakers(lambda: 0.0)).send() == Accepted("1", "smtp")
