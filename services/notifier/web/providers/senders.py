"""Whether the DNS is as mailbox providers want it for who sends a store's e-mails."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Security
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from services.notifier.channels.sender_of import sender_of
from services.notifier.domain.senders.finding import Finding, State, What
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import like

router = APIRouter(prefix=STORE_PATH, tags=["providers"], dependencies=[Security(authorize)])


class SenderFinding(BaseModel):
    """Something that was looked at."""

    what: What
    name: str = Field(description="The name that was asked.")
    state: State = Field(description="`unknown`: nobody could be asked in time; it says nothing of the sender.")
    code: str = Field(description="What was found, as a word: `spf_many`, `dmarc_missing`.")
    value: str | None = Field(description="What the sentence has of it: a number, a host, a term.")
    record: str | None = Field(description="What the DNS says.")
    detail: str = Field(description="A sentence.")


class StoreSender(BaseModel):
    """A sender of a store's, by its domain."""

    channel: str
    domain: str
    providers: list[str]
    checked_at: AwareDatetime = Field(description="At most ten minutes ago.")
    findings: list[SenderFinding]


class StoreSenders(BaseModel):
    """All of a store; none where it sends no e-mails."""

    model_config = like(
        {
            "senders": [
                {
                    "channel": "email",
                    "domain": "shop.example",
                    "providers": ["smtp"],
                    "checked_at": "2026-11-22T10:15:00Z",
                    "findings": [
                        {
                            "what": "spf",
                            "name": "shop.example",
                            "state": "bad",
                            "code": "spf_many",
                            "value": "2",
                            "record": None,
                            "detail": "shop.example has 2 SPF records: with more than one, none counts.",
                        }
                    ],
                }
            ]
        }
    )

    senders: list[StoreSender]


@router.head("/senders", include_in_schema=False)
@router.get(
    "/senders",
    responses={200: {"model": StoreSenders, "description": "The senders"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_senders(store_id: StoreId, services: Given) -> Response:
    """What the DNS says of the store's sender of e-mails: SPF, DKIM, DMARC, where bounces go, and the relay's name."""
    store = services.stores.get(store_id)
    sender = sender_of(store) if store is not None else None
    if store is None or sender is None or services.senders is None:
        return unkept({"senders": []})
    checked = await services.senders.of(sender)
    told = {"channel": "email", "domain": sender.domain, "providers": list(store.email_providers)}
    return unkept({"senders": [told | _checked(checked.at, checked.findings)]})


def _checked(at: datetime, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {"checked_at": at, "findings": [told_of(one) for one in findings]}


def told_of(one: Finding) -> dict[str, Any]:
    """A finding as the answer has it (`SenderFinding`)."""
    said = {"what": one.what, "name": one.name, "state": one.state, "code": one.code, "detail": one.detail}
    return said | {"value": one.value or None, "record": one.record or None}
