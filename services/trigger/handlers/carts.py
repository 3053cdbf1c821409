"""What a batch of events says of carts is written, with their timers, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from libs.contracts.events import CartEvent
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import carts, participants, reach
from services.trigger.domain.batch import CampaignsOf, apply_batch
from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import decide_all, next_at
from services.trigger.handlers.facts import load_facts
from services.trigger.handlers.request_reminders import request_reminders


def _is_held(cart: CartState, campaigns: CampaignsOf) -> bool:
    """What no shopper holds is not kept unless a campaign is for them: bots fill many carts."""
    return cart.origin is None or campaigns(cart.store_id).is_held(cart.origin)


async def apply_cart_events(
    connection: Connection, events: Sequence[tuple[CartEvent, int]], campaigns: CampaignsOf, now: datetime
) -> bool:
    """Applies events with their partitions; returns whether a reminder was asked for in passing."""
    if not events:
        return False
    erased = await erasure.among(connection, [(e.store_id, who) for e, _ in events if (who := e.recipient)])
    known = await carts.lock_carts(connection, {event.cart_id for event, _ in events})
    zoned = {store_id for store_id in {e.store_id for e, _ in events} if campaigns(store_id).by_zone_of_recipient}
    by_zone = {(e.store_id, e.recipient) for e, _ in events if e.store_id in zoned and e.recipient}
    reached = await reach.among(connection, by_zone)
    outcome = apply_batch(known, events, campaigns, {who: one.until for who, one in erased.items()}, reached)
    changed = [(cart, next_at(cart.state, campaigns(cart.state.store_id))) for cart in outcome.changed.values()]
    facts = await load_facts(connection, [state for state, _ in outcome.overtaken], campaigns, outcome.held_then)
    armed = await carts.save_carts(connection, changed, lambda cart: _is_held(cart, campaigns))
    late_for = ((state.store_id, state.customer_id) for state, _ in outcome.overtaken)
    taking_part = await participants.lock(
        connection, {part for who in late_for for part in campaigns(who[0]).parts_of(*who)}
    )
    late = [d for state, due in outcome.overtaken for d in decide_all(state, due, now, taking_part, facts)]
    await participants.save(connection, taking_part)
    asked = await request_reminders(connection, late, now, campaigns)
    metrics.EVENTS.labels("changed").inc(len(events) - outcome.dropped)
    metrics.EVENTS.labels("dropped").inc(outcome.dropped)
    metrics.TIMERS.labels("armed").inc(armed)
    metrics.TIMERS.labels("overtaken").inc(len(asked))
    return bool(asked)
