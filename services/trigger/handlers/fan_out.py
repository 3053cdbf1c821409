"""Tells the holders of an item that it runs low.

Page by page: a million of them need no more memory than a thousand.
"""

from collections.abc import Iterator

from libs.postgres.pool import Connection
from services.trigger import metrics
from services.trigger.db import stock
from services.trigger.db.stock import FanOut, Holder
from services.trigger.domain.abandonment import EXPIRED
from services.trigger.domain.campaigns import LowStock, StoreCampaigns
from services.trigger.domain.decision import Decision, chosen_variant, low_stock_id
from services.trigger.handlers.request_reminders import ask

PAGE = 500


async def spread(connection: Connection, job: FanOut, campaigns: StoreCampaigns) -> int:
    """Asks for the reminders of one page of a claimed job and moves or ends it; returns how many were asked for.

    The place moves in the transaction that writes the requests, so a crash neither repeats nor leaves out anybody.
    """
    campaign = next((c for c, _ in campaigns.low_stock if c.name == job.campaign), None)
    end = _end(job, campaign)
    if campaign is None or end is not None:
        await close(connection, job, end or "switched_off")
        return 0
    limit = min(PAGE, job.remaining)
    page = await stock.holders(connection, job, job.occurred_at - campaign.look_back, limit)
    asked = await ask(connection, [d for holder in page for d in _decisions(job, campaign, holder)], job.now)
    if page:
        await stock.move_fan_out(connection, job, page[-1], len(page))
    if len(page) < PAGE:
        await close(connection, job, "done")
    return sum(d.outcome == "would_send" for d in asked)


def _end(job: FanOut, campaign: LowStock | None) -> str | None:
    """Why a job is over before its next page, if it is."""
    if campaign is None:
        return "switched_off"
    if job.rearmed:
        return "restocked"
    if job.now > job.occurred_at + max(step.lateness for step in campaign.steps):
        return "expired"
    return None if job.remaining > 0 else "done"


async def close(connection: Connection, job: FanOut, state: str) -> None:
    """Ends a job and counts how it ended."""
    await stock.close_fan_out(connection, job, state)
    metrics.FAN_OUTS.labels(state).inc()


def _decisions(job: FanOut, campaign: LowStock, holder: Holder) -> Iterator[Decision]:
    for number, step in enumerate(campaign.steps, start=1):
        expires_at = job.occurred_at + step.lateness
        late = job.now > expires_at
        variant = chosen_variant(step, f"{job.store_id}|{campaign.name}|{number}", holder.customer_id)
        yield Decision(
            reminder_id=low_stock_id(job.crossing_id, holder.cart_id, number),
            store_id=job.store_id,
            customer_id=holder.customer_id,
            campaign=campaign.name,
            kind="low_stock",
            step=number,
            channel=step.channel,
            template=(variant and variant.template) or step.template,
            cart_id=holder.cart_id,
            cart_version=holder.cart_version,
            due_at=job.occurred_at,
            expires_at=expires_at,
            variant=variant.name if variant else None,
            coupon=(variant and variant.coupon) or step.coupon,
            outcome="skipped" if late else "would_send",
            reason=EXPIRED if late else "low_stock",
            sku=job.sku,
            threshold=campaign.threshold_of(job.sku) if job.threshold is None else job.threshold,
        )
