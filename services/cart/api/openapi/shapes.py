"""Examples of whole shapes, where the words of `examples` alone would make no sense together."""

from collections.abc import Mapping
from typing import Any

_CART, _GUEST_CART = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10", "019ab6f2-1b07-7c44-8f3a-6d1e0c9b7a25"
_LINE, _SAVED_LINE = "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d", "b8c4e1d0-2a7f-5b36-8e19-7d5c3b2a1f00"
_TIME, _A_DAY_LATER = "2026-11-22T10:15:00Z", "2026-11-23T10:15:00Z"
_LINE_OF_GOODS: dict[str, Any] = {
    "line_id": _LINE,
    "sku": "tea-100",
    "options": {"size": "100 g"},
    "title": "Mountain tea",
    "price": 1250,
    "quantity": 2,
    "total": 2500,
}

SHAPES: Mapping[str, Any] = {
    "ApiKey": {
        "name": "till",
        "kind": "secret",
        "scopes": ["orders:read", "orders:write"],
        "origins": [],
        "rotated_at": None,
        "expires_at": None,
        "used_at": _A_DAY_LATER,
    },
    "CartLine": _LINE_OF_GOODS,
    "CopiedLine": {"line_id": _LINE, "fate": "added", "quantity": 2, "shared_quantity": 2, "reason": None},
    "ExportedMerge": {"undoing": None},
    "ExportedCart": {"merged_into": None, "order_id": None, "reserved": []},
    "ExportedOrder": {"next_carts": [], "mismatches": [], "channel": "web"},
    "ExportedOrderEvent": {"type": "shipped", "units": {}},
    "LinkedLine": _LINE_OF_GOODS,
    "MergedLine": {
        "line_id": _LINE,
        "fate": "added",
        "quantity": 2,
        "guest_quantity": 2,
        "own_quantity": 0,
        "set_aside": 0,
        "dropped": 0,
        "reason": None,
    },
    "MergeReceipt": {"from_cart_id": _GUEST_CART, "merged_at": _TIME, "undo_until": _A_DAY_LATER, "undone_at": None},
    "NewKey": {"name": "till", "scopes": ["orders:read", "orders:write"]},
    "Notice": {"kind": "price_changed", "line_id": _LINE, "before": 1100, "after": 1250},
    "OrderMismatch": {"cart_id": _CART, "field": "total", "cart": 2500, "order": 2250, "sku": None},
    "OrderHistory": {
        "order_id": "10042",
        "status": "shipped",
        "placed_at": "2026-03-13T09:30:00Z",
        "closed_carts": [_CART],
        "next_carts": [],
        "mismatches": [],
    },
    "PlacedOrder": {"order_id": "10042", "closed_carts": [_CART], "next_carts": [], "mismatches": []},
    "SavedCartLine": {
        **_LINE_OF_GOODS,
        "line_id": _SAVED_LINE,
        "sku": "jam-340",
        "options": {},
        "title": "Cherry jam",
        "price": 640,
        "quantity": 1,
        "total": 640,
        "image_url": None,
        "url": None,
        "note": None,
    },
    "ShareLink": {"share_token": "s1_AZ0c0ffee", "url": "https://shop.example/shared/s1_AZ0c0ffee"},
    "StoreName": {"store_id": "shop", "name": "Lantern & Loom", "source": "api"},
    "UndoResult": {"restored_cart_id": _GUEST_CART},
}
"""By the name of the schema. What an example leaves out comes from the words; no schema here has one of its own."""
