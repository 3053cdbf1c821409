"""A step that is ahead of a cart, cancelled before it is due. Pure."""

from uuid import UUID

from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import CALLED_OFF, Decision, decision
from services.trigger.domain.episodes import IDLE, plan, reminder_id_of
from services.trigger.domain.kinds.campaign import Planned


def call_off(state: CartState, planned: Planned) -> Decision:
    """The decision that a step which is ahead is not sent, because somebody of the shop says so. It enters nobody into
    the campaign: that is for what would have been sent.
    """
    return decision(
        planned,
        reminder_id=reminder_id_of(state, planned),
        store_id=state.store_id,
        customer_id=state.customer_id,
        cart_id=state.cart_id,
        cart_version=state.goods_version,
        skip=CALLED_OFF,
        because=IDLE,
        quiet_since=state.quiet_since,
        total=state.total,
        currency=state.currency,
    )


def step_ahead(state: CartState, campaigns: StoreCampaigns, reminder_id: UUID) -> Planned | None:
    """The step that will be decided on under an id, if nothing changes; None where it is not, or for nobody."""
    if state.customer_id is None:
        return None
    ahead = (p for p in plan(state, campaigns) if p.due_at >= state.decided_until)
    return next((p for p in ahead if reminder_id_of(state, p) == reminder_id), None)
