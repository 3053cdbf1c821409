"""Replies that a person has to read, what is closed to whom, and lifting it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
Reading = Annotated[Visit, Depends(of_store("replies:read"))]
Answering = Annotated[Visit, Depends(of_store("replies:answer"))]
Lifting = Annotated[Visit, Depends(of_store("suppressions:lift"))]
LIFTED = ("unsubscribed", "bounced", "complained", "stop")
READ_AS = ("stop", "other")
SID_MOST = 200
WHY_MOST = 200


@router.get("/replies")
async def list_replies(visit: Reading, after: str = "", done: str = "", n: int = 0) -> Response:
    """What is due to be read, and what is closed."""
    replies, closed = await asyncio.gather(
        visit.house.notifier.replies(visit.store_id), visit.house.notifier.suppressions(visit.store_id, after=after)
    )
    return page(visit, "replies.html", replies=replies, closed=closed, done=done, lifted=n)


@router.post("/replies/read")
async def read_reply(visit: Answering) -> Response:
    """Takes what somebody has read in a reply: they want no more messages, or something else."""
    sid, read_as = visit.form.get("reply", ""), visit.form.get("read_as", "")
    if read_as not in READ_AS or not sid or len(sid) > SID_MOST or not sid.isprintable():
        raise PageRefusal(422, "bad_request")
    await visit.house.actions.read_reply(visit.person, visit.store_id, sid, read_as)
    return RedirectResponse(path_of("stores", visit.store_id, "replies", done=f"read_{read_as}"), 303)


@router.get("/lift")
async def ask_before_lifting(
    visit: Lifting, channel: str, subject: str, reason: str, customer: str = "", fault: str = ""
) -> Response:
    """Says what lifting means, and asks why."""
    what: dict[str, Any] = {"channel": channel, "subject": subject, "reason": reason, "customer": customer}
    return page(visit, "lift.html", fault=fault, **what)


@router.post("/lift")
async def lift(visit: Lifting) -> Response:
    """Lifts what is closed to one subject for one reason."""
    form, why = visit.form, " ".join(visit.form.get("why", "").split())
    channel, subject, reason = (form.get(name, "") for name in ("channel", "subject", "reason"))
    if reason not in LIFTED or not channel or not subject:
        raise PageRefusal(422, "bad_request")
    if not why or len(why) > WHY_MOST:
        asked: dict[str, Any] = {
            "channel": channel,
            "subject": subject,
            "reason": reason,
            "customer": form.get("customer", ""),
        }
        return page(visit, "lift.html", 422, fault=visit.words("lift.why_needed"), **asked)
    lifted = await visit.house.actions.lift(
        visit.person, visit.store_id, channel=channel, subject=subject, reason=reason, why=why
    )
    if customer := form.get("customer", ""):
        return RedirectResponse(path_of("stores", visit.store_id, "customer", id=customer, done="lifted"), 303)
    return RedirectResponse(path_of("stores", visit.store_id, "replies", done="lifted", n=lifted), 303)
