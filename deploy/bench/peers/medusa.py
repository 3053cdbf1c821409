"""Medusa: a cart by its id, in a region that has prices and taxes; REST."""

import json

from deploy.bench.peers.peer import HERE, Peer, Shop
from libs.http.client import HttpClient

_CARTS = "/store/carts"
_MEDUSA = ("node", "node_modules/@medusajs/cli/cli.js")


async def _make_cart(http: HttpClient, shop: Shop) -> list[bytes]:
    headers = {"x-publishable-api-key": shop["key"]}
    answer = await http.request("POST", _CARTS, headers=headers, body={"region_id": shop["region"]})
    path = f"{_CARTS}/{answer.json()['cart']['id']}/line-items"
    bodies = (json.dumps({"variant_id": one, "quantity": 1}).encode() for one in shop["variants"])
    return [http.prepare("POST", path, headers, body) for body in bodies]


MEDUSA = Peer(
    name="Medusa 2.21.2",
    folder=HERE / "medusa",
    beside=(
        "Its add runs a workflow: it looks up item and price, works out tax and promotions, and answers the whole "
        "cart; it keeps no Idempotency-Key, and its events stay in its memory. Ours takes the price that it is told, "
        "keeps the answer under its key, and writes the event for Kafka in the same transaction."
    ),
    populate=((*_MEDUSA, "db:migrate", "--skip-scripts"), (*_MEDUSA, "exec", "./populate.js")),
    start=(*_MEDUSA, "start", "-H", "127.0.0.1"),
    units="SELECT coalesce(sum(quantity), 0) FROM cart_line_item",
    make_cart=_make_cart,
    env={"MEDUSA_DISABLE_TELEMETRY": "true", "LOG_LEVEL": "error"},
)
