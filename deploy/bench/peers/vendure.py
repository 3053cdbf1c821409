"""Vendure: a cart is an order that is still active, its owner a session; GraphQL."""

import json

from deploy.bench.peers.peer import HERE, Peer, Shop
from deploy.bench.shoppers import LINES
from libs.http.client import HttpClient

_PATH = "/shop-api"
_SESSION = json.dumps({"query": "{ activeOrder { id } }"}).encode()
_ADD = """\
mutation Add($item: ID!) { addItemToOrder(productVariantId: $item, quantity: 1) {
  __typename
  ... on Order { id totalQuantity totalWithTax lines { id quantity unitPriceWithTax productVariant { sku name } } }
  ... on ErrorResult { errorCode message }
} }"""


async def _make_cart(http: HttpClient, shop: Shop) -> list[bytes]:  # noqa: ARG001 - a peer's signature
    answer = await http.request("POST", _PATH, body=_SESSION)
    headers = {"Authorization": f"Bearer {answer.headers['vendure-auth-token']}"}
    bodies = (json.dumps({"query": _ADD, "variables": {"item": str(one + 1)}}).encode() for one in range(LINES))
    return [http.prepare("POST", _PATH, headers, body) for body in bodies]


VENDURE = Peer(
    name="Vendure 3.7.3",
    folder=HERE / "vendure",
    beside=(
        "Its add looks the price up, works out tax, promotions and shipping, and answers a query of GraphQL; it keeps "
        "no Idempotency-Key and tells no broker. Ours takes the price that it is told, keeps the answer under its key, "
        "and writes the event for Kafka in the same transaction."
    ),
    populate=(("node", "populate.cjs"),),
    start=("node", "start.cjs"),
    units="SELECT coalesce(sum(quantity), 0) FROM order_line",
    make_cart=_make_cart,
)
