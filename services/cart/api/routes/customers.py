"""Endpoints of the store's servers about customers: who is who, and how they may be reached."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator, StringConstraints
from pydantic_core import to_json
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, ServerCall, TokenSecret, server
from services.cart.api.errors import problem_of
from services.cart.api.handler_deps import Customers, Reads
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import NO_CONTROLS, STORE, CustomerId, NamedCustomer
from services.cart.api.replies import reply, reply_json, reply_secret
from services.cart.api.schemas.cart import Profile, ProfileVersion
from services.cart.api.schemas.consents import Consents
from services.cart.api.schemas.looks import CustomerSnapshot
from services.cart.api.schemas.merge import IdentityPage, LinkedIdentity
from services.cart.domain.commands import MergeCustomer
from services.cart.domain.customers.profile import Contact, FurtherChannel, Handle
from services.cart.domain.errors import Refusal
from services.cart.domain.goods import spelled
from services.cart.domain.limits import IDENTITIES_PAGE, MAX_SERVER_BODY
from services.cart.domain.tokens import issue_recovery_token

Viewed = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_CONTROLS), BeforeValidator(spelled)]
MOST_VIEWED = 20
MergedId = Annotated[NamedCustomer, Path(examples=["loyalty-4711"])]
router = APIRouter(prefix=STORE + "/customers/{customer_id:path}", tags=["servers"])


@router.get("/look", responses=answers(CustomerSnapshot, 200), dependencies=[server("looks:read")])
async def look_at_customer(
    store_id: str,
    customer_id: CustomerId,
    store: CalledStore,
    token_secret: TokenSecret,
    reads: Reads,
    order_id: Annotated[str | None, Query(min_length=1, max_length=100, pattern=NO_CONTROLS)] = None,
    sku: Annotated[
        str | None, Query(min_length=1, max_length=100, pattern=NO_CONTROLS), BeforeValidator(spelled)
    ] = None,
    viewed: Annotated[list[Viewed], Query(max_length=MOST_VIEWED)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """The last look at a customer, for messages that are about no cart: consent and reach of the moment, what is in
    their open cart, where an order of theirs stands, what is left of an item, and whether they wait for it; which of
    `viewed` they looked at and have not ordered since, and what is left of those.
    """
    look = await reads.look_at_customer(store_id, customer_id, order_id, sku, viewed)
    token = look.link and issue_recovery_token(token_secret, look.link)
    url = store.recovery_url.replace("{token}", token) if token else store.shop_url
    times = {"goods_version": look.goods_version, "silent_since": look.silent_since, "ordered_at": look.ordered_at}
    rest = to_json(times | {"recovery_url": url, "as_of": look.as_of})
    told = (
        look.cart.json(),
        look.inventory.encode(),
        look.recipient.encode(),
        look.order,
        look.watched.encode(),
        look.viewed.encode(),
        rest[1:],
    )
    return reply_secret(b'{"cart":%s,"inventory":%s,"recipient":%s,"order":%s,"watched":%s,"viewed":%s,%s' % told)


@router.get("/identities", responses=answers(IdentityPage, 200), dependencies=[server("customers:read")])
async def list_identities(
    store_id: str,
    customer_id: CustomerId,
    customers: Customers,
    after: Annotated[str, paging.text_after("loyalty-4711")] = "",
    limit: Annotated[int, paging.limit(IDENTITIES_PAGE)] = IDENTITIES_PAGE,
) -> Response:
    """The customer for whom this id acts, and the other identities of that customer."""
    owner, names = await customers.names(store_id, customer_id, after, limit + 1)
    shown, following = page_of(names, limit, str)
    return reply_json(to_json({"customer_id": owner, "identities": shown, "next": following}))


@router.put("/identities/{identity:path}", responses=answers(LinkedIdentity, 200, "same-customer", "identity-taken"))
async def add_identity(
    store_id: str,
    customer_id: NamedCustomer,
    identity: NamedCustomer,
    caller: Annotated[str, server("customers:write")],
    call: ServerCall,
    store: CalledStore,
    customers: Customers,
) -> Response:
    """Makes an identity (a loyalty number, a terminal) act for the customer: a JWT with it as `sub` opens the
    customer's cart. What was gathered under it is merged in as the store merges.
    """
    write = call.write_request(caller, about=customer_id)
    return reply(await customers.add_name(store_id, customer_id, identity, store.merge, write))


@router.delete("/identities/{identity:path}", status_code=204, responses=nothing("unknown-identity"))
async def remove_identity(
    store_id: str,
    customer_id: CustomerId,
    identity: CustomerId,
    caller: Annotated[str, server("customers:write")],
    call: ServerCall,
    customers: Customers,
) -> Response:
    """Lets an identity stand for itself again. The cart stays the customer's."""
    return reply(await customers.remove_name(store_id, customer_id, identity, call.write_request(caller)))


@router.post("/merge", responses=answers(LinkedIdentity, 200, "same-customer", "identity-taken"))
async def merge_customer(
    store_id: str,
    customer_id: MergedId,
    caller: Annotated[str, server("customers:write")],
    body: Annotated[MergeCustomer, json_body(MergeCustomer, MAX_SERVER_BODY)],
    call: ServerCall,
    store: CalledStore,
    customers: Customers,
) -> Response:
    """Merges this customer into another: the carts as the store merges, with a receipt; contact data of the other
    stays, and is taken over where there is none. Later log-ins of this customer act for the other.
    """
    write = call.write_request(caller, body, about=customer_id)
    return reply(await customers.merge(store_id, customer_id, body.into, store.merge, write))


@router.put("/profile", responses=answers(ProfileVersion, 200))
async def set_profile(
    store_id: str,
    customer_id: NamedCustomer,
    caller: Annotated[str, server("customers:write")],
    contact: Annotated[Contact, json_body(Contact, MAX_SERVER_BODY)],
    call: ServerCall,
    customers: Customers,
) -> Response:
    """Replaces how a customer may be reached. The answer repeats no personal data."""
    write = call.write_request(caller, contact, about=customer_id)
    return reply(await customers.set_profile(store_id, customer_id, contact, write))


@router.put("/handles/{channel}", responses=answers(ProfileVersion, 200, "unknown-customer"))
async def set_handle(
    store_id: str,
    customer_id: NamedCustomer,
    channel: Annotated[FurtherChannel, Path(examples=["telegram"])],
    caller: Annotated[str, server("customers:write")],
    handle: Annotated[Handle, json_body(Handle, MAX_SERVER_BODY)],
    call: ServerCall,
    customers: Customers,
) -> Response:
    """Sets where one further channel reaches a customer whose profile is known, and whether they agreed to it; all else
    stays as it is.
    """
    write = call.write_request(caller, handle, about=f"{customer_id} {channel}")
    return reply(await customers.set_handle(store_id, customer_id, channel, handle, write))


@router.get(
    "/profile",
    responses=answers(Profile, 200, "unknown-customer"),
    dependencies=[server("customers:read")],
)
async def read_profile(store_id: str, customer_id: CustomerId, reads: Reads) -> Response:
    """How a customer may be reached."""
    known = await reads.read_profile(store_id, customer_id)
    if known is None:
        raise problem_of(Refusal("unknown-customer", "Nothing is known of this customer."))
    return reply_json(to_json(known.contact.model_dump() | known.model_dump(exclude={"contact"})))


@router.get("/consents", responses=answers(Consents, 200), dependencies=[server("customers:read")])
async def list_consents(store_id: str, customer_id: CustomerId, reads: Reads) -> Response:
    """What a customer has agreed to, channel by channel, with what proves it: the words that they saw, on which page,
    and when; and where their address was asked, what it said yes to. No address is among it.
    """
    return reply_json(to_json({"consents": await reads.read_consents(store_id, customer_id)}))


@router.delete("/profile", status_code=204, responses=nothing())
async def erase_profile(
    store_id: str,
    customer_id: CustomerId,
    caller: Annotated[str, server("customers:erase")],
    call: ServerCall,
    customers: Customers,
) -> Response:
    """Erases a customer's contact data, here and in every service that was told of it."""
    return reply(await customers.erase(store_id, customer_id, call.write_request(caller)))
