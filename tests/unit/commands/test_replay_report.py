"""What a replay tells the owner of a shop: people, money, reasons in words; the API's times come last."""

import io
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from rich.console import Console

from deploy.traffic.agreement import Agreement
from deploy.traffic.effect import Effect, Sale, effect_of
from deploy.traffic.measure import spread
from deploy.traffic.report import Report, by_step
from deploy.traffic.show import show
from libs.contracts.events import MessageEvent, MessageExpired, MessageSent, ReminderRequested

NAMESPACE = UUID(int=1)
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def cart(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def asked(name: str, arm: str | None = None, step: int = 1, channel: str = "email") -> ReminderRequested:
    return ReminderRequested(
        event_id=uuid5(NAMESPACE, f"{name}|{step}"),
        occurred_at=T0,
        reminder_id=uuid5(NAMESPACE, f"{name}|{step}|id"),
        store_id="replay",
        customer_id=f"c-{name}",
        campaign="cart-r1",
        kind="abandoned_cart",
        step=step,
        channel=channel,
        template="t",
        cart_id=cart(name),
        cart_version=1,
        due_at=T0,
        expires_at=T0 + HOUR,
        variant=arm,
    )


def ended(one: ReminderRequested, kind: type[MessageEvent] = MessageSent, reason: str | None = None) -> MessageEvent:
    shared = {"reminder_id", "store_id", "customer_id", "campaign", "kind", "step", "channel", "cart_id", "variant"}
    facts = one.model_dump(include=shared)
    return kind.model_validate({**facts, "event_id": uuid5(one.event_id, "end"), "occurred_at": T0, "reason": reason})


ANNA, BOB, CARL, DORA = asked("anna", "coupon"), asked("bob", "plain"), asked("carl", "plain"), asked("dora", "plain")
ENDS = {
    str(one.reminder_id): end
    for one, end in [
        (ANNA, ended(ANNA)),
        (BOB, ended(BOB)),
        (CARL, ended(CARL)),
        (DORA, ended(DORA, MessageExpired, "frequency_cap")),
    ]
}
SALES = [
    Sale(str(cart("anna")), T0 + HOUR, 5000, "EUR"),
    Sale(str(cart("bob")), T0 - HOUR, 700, "EUR"),
    Sale(str(cart("carl")), T0, 900, "PLN"),
    Sale(str(cart("dora")), T0 + HOUR, 90_000, "EUR"),
]


def found() -> Effect:
    return effect_of([ANNA, BOB, CARL, DORA], ENDS, SALES, "-r1")


def test_only_what_was_ordered_after_a_message_about_it_was_recovered() -> None:
    """Bob had ordered before, and Dora was sent nothing."""
    effect = found()
    assert (effect.people, effect.messages, effect.orders) == (3, 3, 2)
    assert effect.recovered == {"EUR": 5000, "PLN": 900}
    assert effect.held_back == {"frequency_cap": 1}


def test_each_arm_is_told_apart() -> None:
    arms = {one.arm: one for one in found().arms}
    assert (arms["coupon"].people, arms["coupon"].orders, arms["coupon"].recovered) == (1, 1, {"EUR": 5000})
    assert (arms["plain"].messages, arms["plain"].orders, arms["plain"].recovered) == (2, 1, {"PLN": 900})
    assert arms["plain"].campaign == "cart"


def test_two_messages_about_a_cart_recover_it_once() -> None:
    second = asked("anna", "coupon", step=2)
    effect = effect_of([ANNA, second], ENDS | {str(second.reminder_id): ended(second)}, SALES)
    assert (effect.people, effect.messages, effect.orders, effect.recovered) == (1, 2, 1, {"EUR": 5000})


def test_the_report_speaks_to_the_owner_of_a_shop_and_ends_with_one_line_of_the_api() -> None:
    requests = [ANNA, BOB, CARL, DORA]
    report = Report(
        trace="t.csv",
        run="r1",
        speed=3600,
        users=4,
        recorded_s=7200,
        skipped_s=0,
        took_s=2,
        rows={"cart": 4},
        cart_events={"cart.line_added": 4},
        carts=4,
        episodes=4,
        steps=by_step(requests, ENDS, "-r1"),
        calls={"all": spread([0.004])},
        late=spread([0.001]),
        settle_s=1,
        later_than_settle=0,
        late_events=0,
        errors=0,
        problems=(),
        agreement=Agreement(4, (), ()),
        effect=found(),
        skipped={"ordered": 7, "something_new": 1},
    )
    output = io.StringIO()
    show(report, Console(file=output, width=200))
    told = output.getvalue()
    for words in (
        "3 people had 3 messages; 2 carts were ordered after it",
        "recovered: 50.00 EUR, 9.00 PLN",
        "1 held back: too soon after the last message",
        "1 too soon after the last message",
        "the cart was ordered meanwhile",
        "something_new",
        "coupon",
    ):
        assert words in told
    in_order = (
        "3 people had",
        "recovered:",
        "asked for",
        "nothing was asked for",
        "agree",
        "rows of the trace",
    )
    assert sorted(map(told.index, in_order)) == list(map(told.index, in_order))
    assert told.rstrip().splitlines()[-1].startswith("API: 1 calls, p50 4.0 ms, p99 4.0 ms")
    assert json.loads(json.dumps(report.as_json()))["effect"]["recovered"] == {"EUR": 5000, "PLN": 900}
