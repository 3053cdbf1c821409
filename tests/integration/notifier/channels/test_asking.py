"""What may have been sent is asked for at a provider that can be asked, before it is left `unknown`."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.notifier.domain.reminder import Reminder
from tests.integration.notifier.conftest import World, carried
from tests.integration.notifier.http_stand_ins import SECRET, Mailgun, Postmark


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
async def postmark(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Postmark]:
    made = Postmark()
    monkeypatch.setenv("NOTIFIER_POSTMARK_BASE_URL", made.server.url)
    monkeypatch.setenv("NOTIFIER_POSTMARK_SERVER_TOKEN", SECRET)
    world.shop["email_provider"] = "postmark"
    await world.knows()
    yield made
    await made.stop()


def crashes_at(place: str):
    def at(point: str, _reminder: Reminder) -> None:
        if point == place:
            raise Crash

    return at


async def test_a_letter_whose_answer_was_lost_is_found_and_was_sent(world: World, postmark: Postmark):
    postmark.hangs_up_after_taking()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert (await world.row(request))["provider_id"] == "pm-1"
    assert await world.told() == ["message.sent"]


async def test_a_letter_that_the_provider_does_not_know_stays_unknown(world: World, postmark: Postmark):
    postmark.fails(500, {"ErrorCode": 500, "Message": "x"})
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("unknown", "postmark_500")


async def test_after_a_crash_what_was_sent_is_found_and_not_sent_again(world: World, postmark: Postmark):
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crashes_at("after_send"))
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert (await world.row(request))["provider_id"] == "pm-1"
    assert len(postmark.taken) == 1
    assert await carried(world) == [("message.sent", "postmark")]


@pytest.mark.parametrize(("delivery", "end"), [("at_most_once", "unknown"), ("at_least_once", "sent")])
async def test_after_a_crash_what_is_not_found_is_as_the_store_has_chosen(
    world: World, postmark: Postmark, delivery: str, end: str
):
    world.shop["delivery"] = delivery
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crashes_at("before_send"))
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    state, _ = await world.ended(request)
    assert (state, len(postmark.taken)) == (end, int(end == "sent"))


async def test_what_is_another_reminder_s_is_not_taken_for_this_one_s(world: World, postmark: Postmark):
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crashes_at("after_send"))
    other = await world.asks()
    await world.pool.execute(
        "UPDATE deliveries SET state = 'sent', provider_id = 'pm-1', finished_at = now() WHERE reminder_id = $1",
        other.reminder_id,
    )
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    assert await world.ended(request) == ("unknown", "interrupted")


async def test_mailgun_is_asked_by_recipient_and_variable(world: World, monkeypatch: pytest.MonkeyPatch):
    mailgun = Mailgun()
    for name, value in (("BASE_URL", mailgun.server.url), ("DOMAIN", Mailgun.DOMAIN), ("API_KEY", SECRET)):
        monkeypatch.setenv(f"NOTIFIER_MAILGUN_{name}", value)
    world.shop["email_provider"] = "mailgun"
    await world.knows()
    lost = await world.asks()
    mailgun.hangs_up_after_taking()
    await world.deliver()
    assert await world.ended(lost) == ("sent", None)
    assert (await world.row(lost))["provider_id"] == f"{lost.reminder_id}@nordwind.example"
    mailgun.fails(500, {"message": "Internal Server Error"})
    other = await world.asks()
    await world.deliver()
    assert await world.ended(other) == ("unknown", "mailgun_500")
    await mailgun.stop()
