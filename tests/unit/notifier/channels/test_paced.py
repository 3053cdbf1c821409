"""A provider with a rate is given a message in its turn, and nobody is asked where the turn is too far away."""

from services.notifier.channels.outcome import Accepted, Outcome, Postponed
from services.notifier.channels.paced import Paced


class Post:
    def __init__(self) -> None:
        self.given: list[object] = []

    async def send(self, *message: object, **more: object) -> Outcome:
        self.given.append((message, more))
        return Accepted("1")

    async def close(self) -> None:
        self.given.append("closed")


def paced(post: Post, wait: float | None) -> Paced:
    async def turns(name: str, per_second: float) -> float | None:
        assert (name, per_second) == ("pigeon", 2)
        return wait

    return Paced("pigeon", post, 2, turns)


async def test_in_its_turn_the_message_goes_as_it_is() -> None:
    for wait in (0, 0.001):
        post = Post()
        assert await paced(post, wait).send("letter", "word", reminder_id=1) == Accepted("1")
        assert post.given == [(("letter", "word"), {"reminder_id": 1})]


async def test_where_the_turn_is_too_far_away_nobody_is_asked_and_nobody_blamed() -> None:
    post = Post()
    assert await paced(post, None).send("letter") == Postponed("pigeon_paced", 10, asked=False)
    assert post.given == []


async def test_the_provider_is_closed_with_it() -> None:
    post = Post()
    await paced(post, 0).close()
    assert post.given == ["closed"]
