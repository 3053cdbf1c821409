"""One page of people who are to be told of an item: who of them is, and where the next page begins. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.trigger.domain.decision import Decision
from services.trigger.domain.facts import NO_FACTS, Facts
from services.trigger.domain.fan_outs import FanOut, Holder, each_once
from services.trigger.domain.kinds.protocols import TellingCampaign
from services.trigger.domain.participation import Participants


@dataclass(frozen=True, slots=True)
class Page:
    """What was decided on a page: `told` is how many people will get a message, `last` on whom was decided last."""

    decisions: tuple[Decision, ...] = ()
    told: int = 0
    last: Holder | None = None

    @property
    def told_by(self) -> dict[str, UUID]:
        """The customers who will get a message, each with its reminder."""
        sent = (one for one in self.decisions if one.outcome == "would_send" and one.customer_id is not None)
        return {one.customer_id: one.reminder_id for one in sent if one.customer_id is not None}


def decide_page(
    campaign: TellingCampaign,
    fan_out: FanOut,
    holders: Iterable[Holder],
    participants: Participants,
    facts: Facts = NO_FACTS,
) -> Page:
    """Decides on people in their order, until as many will be told as may be. Who is not told takes nobody's place."""
    decisions, told_to, last = list[Decision](), set[str](), None
    for holder in each_once(holders, told_to):
        if len(told_to) == fan_out.remaining:
            break
        for decision in campaign.decide(fan_out, campaign.judge(fan_out, holder, facts), participants):
            decisions.append(decision)
            if decision.outcome == "would_send":
                told_to.add(holder.customer_id)
        last = holder
    return Page(tuple(decisions), len(told_to), last)
