"""A stand-in of the dead letters: two of one topic, put aside in the morning."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from libs.inbox.put_back import DeadLetter, Waiting
from services.console.clients.dead_letters import LettersShown
from services.console.clients.service import ServiceError

TOPIC = "cart.events"
AT = datetime(2026, 12, 1, 9, 40, tzinfo=UTC)
NEWEST = 6


def letter(number: int) -> DeadLetter:
    headers = {"ce_type": b"cart.updated", "ce_id": b"019ab6f2-7c11-7d3e-9a55-00000000000" + b"%d" % number}
    return DeadLetter(TOPIC, number, AT, "unreadable: total is missing", 3, 40, headers, b"key", b"anna@shop.example")


@dataclass
class FakeLetters:
    """`asked` are the calls that change something; those up to `dealt_with` wait no longer."""

    asked: list[tuple[str, str, int]] = field(default_factory=list)
    dealt_with: int = 4
    silent: bool = False

    async def counts(self) -> list[Waiting]:
        if self.silent:
            raise ServiceError("kafka", 0, "KafkaConnectionError")
        return [Waiting(TOPIC, NEWEST - self.dealt_with, 7), Waiting("message.events", 0, 1)]

    async def shown(self, topic: str) -> LettersShown:
        numbers = range(self.dealt_with + 1, NEWEST + 1) if topic == TOPIC else ()
        return LettersShown(topic, tuple(letter(n) for n in numbers), len(numbers), NEWEST)

    async def put_back(self, topic: str, through: int) -> int:
        return self._deal("put_back", topic, through)

    async def dismiss(self, topic: str, through: int) -> int:
        return self._deal("dismiss", topic, through)

    def _deal(self, way: str, topic: str, through: int) -> int:
        if self.silent:
            raise ServiceError("kafka", 0, "KafkaConnectionError")
        self.asked.append((way, topic, through))
        done, self.dealt_with = through - self.dealt_with, through
        return done
