"""Stand-ins of the other services: they answer as of a store on a busy day, and write down what they are asked."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.console.pages.fake_backtests import FakeBacktests
from tests.integration.console.pages.fake_carts import CART_ID, NOW, FakeCarts
from tests.integration.console.pages.fake_senders import senders
from tests.integration.console.pages.fake_templates import FakeTemplates

STEP = {"campaign": "cart", "step": 1, "step_name": "nudge", "channel": "email"}
FILE: dict[str, Any] = {
    "campaigns": [
        {
            "name": "cart",
            "kind": "abandoned_cart",
            "split": {"holdout": 10},
            "steps": [
                {"name": "nudge", "delay": "PT1H", "channels": ["email"], "template": "abandoned_cart_1"},
                {
                    "name": "offer",
                    "delay": "PT24H",
                    "channels": ["email", "sms"],
                    "template": "abandoned_cart_2",
                    "coupon": "BACK10",
                },
            ],
        },
        {"name": "low_stock", "kind": "low_stock", "steps": [{"channels": ["sms"], "template": "low_stock"}]},
    ]
}
CHANGES = {
    "dry_run": True,
    "source": "api",
    "version": "5",
    "campaigns": [
        {
            "name": "cart",
            "change": "changed",
            "since": NOW,
            "fields": [{"field": "steps.nudge.delay", "before": "PT1H", "after": "PT2H"}],
        }
    ],
}
MERGE_ID = "019ab6f2-7c11-7d3e-9a55-00000000beef"
MERGED_LINE = {"sku": "tea", "title": "Green tea", "fate": "raised", "quantity": 2, "guest_quantity": 2}
MERGE: dict[str, Any] = {
    "merge_id": MERGE_ID,
    "mode": "max",
    "from_cart_id": "019ab6f2-7c11-7d3e-9a55-0000000000aa",
    "merged_at": "2026-12-01T09:00:00+00:00",
    "undo_until": "2026-12-02T09:00:00+00:00",
    "undone_at": None,
    "can_be_undone": True,
    "lines": [MERGED_LINE | {"own_quantity": 1, "set_aside": 0, "dropped": 0}],
}
DECISION = STEP | {
    "reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee",
    "campaign_version": "4",
    "arm": None,
    "cart_id": CART_ID,
    "order_id": None,
    "sku": None,
    "due_at": NOW,
    "decided_at": NOW,
    "outcome": "would_send",
    "reason": "idle",
    "why": "the cart had gone quiet, and nothing spoke against it",
}
AHEAD = STEP | {
    "reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-0000000000ad",
    "step": 2,
    "step_name": "offer",
    "due_at": "2026-12-02T09:15:00+00:00",
    "state": "planned",
    "reason": "planned",
    "why": "it goes out then if nothing changes",
}
WAITS_ID = "5f0c2b5e-7f0b-5c1d-9a50-00000000abcd"
MESSAGE = {
    "reminder_id": DECISION["reminder_id"],
    "campaign": "cart",
    "step": 1,
    "channel": "email",
    "template": "abandoned_cart_1",
    "cart_id": CART_ID,
    "order_id": None,
    "sku": None,
    "state": "sent",
    "reason": None,
    "failures": 0,
    "provider_id": "250 Ok",
    "received_at": NOW,
    "finished_at": NOW,
    "answers": [
        {
            "answer": "clicked",
            "weight": None,
            "provider": "link",
            "status": None,
            "reason": None,
            "times": 1,
            "first_at": NOW,
            "last_at": NOW,
        }
    ],
}
SUBJECT = "address:" + "ab" * 32
CLOSED = {
    "channel": "email",
    "subject": SUBJECT,
    "reason": "bounced",
    "source": "ses",
    "status": "5.1.1",
    "created_at": NOW,
}
REPLY = {"message_sid": "SM01", "customer_id": "anna", "received_at": NOW, "due_on": "2026-12-15"}
CONSENTS: list[dict[str, Any]] = [
    {
        "channel": "email",
        "counts": True,
        "agreed_at": "2026-11-02T18:20:00+00:00",
        "wording": "Remind me of my cart by e-mail.",
        "page": "https://shop.example/checkout",
        "asked": True,
        "confirmed_at": "2026-11-02T18:31:00+00:00",
        "confirmed_wording": "Do you want reminders about your cart from Lantern & Loom by this channel?",
    }
]
CHOICE = {
    "reminder_id": MESSAGE["reminder_id"],
    "changed_at": "2026-11-20T08:00:00+00:00",
    "wording": "Your messages. E-mail: Cart reminders, Stock and prices; not: News and ideas",
}
PROFILE = {"name": "Anna Example", "email": "anna@shop.example", "phone": "+4915112345678", "locale": "de"}
PROFILE |= {"country": "DE", "region": "BE"}
PAUSE = {"campaign": "", "step": 0, "channel": "", "why": "the coupon is broken (Olga)", "since": NOW, "held_back": 3}
ITEM = {"sku": "tea", "available": 2, "carts": 41, "asked": 0, "saved": 6, "since": NOW}
GONE = {"sku": "cup", "available": 0, "carts": 3, "asked": 12, "saved": 1, "since": NOW}
HOLDERS: list[dict[str, Any]] = [
    {"customer_id": "anna", "how": "in_cart", "cart_id": CART_ID, "units": 2, "since": NOW},
    {"customer_id": "ben 7/x", "how": "asked", "cart_id": None, "units": None, "since": NOW},
]
KEY_ID, SECRET = "5f0c9d4e2b7a1836", "sk_5f0c9d4e2b7a1836_told-this-once"
STORE: dict[str, Any] = {
    "store_id": "shop",
    "source": "api",
    "version": 12,
    "updated_at": NOW,
    "settings": {
        "name": "Lantern & Loom",
        "currency": "EUR",
        "currencies": ["PLN"],
        "locale": "en",
        "time_zone": "Europe/Berlin",
        "merge": "max",
        "recovery_url": "https://shop.example/cart/{token}",
        "share_url": None,
        "origins": ["https://shop.example"],
        "limits": {"lines": 100, "quantity": 20},
        "messages": {"email_from": "hello@shop.example", "email_provider": "postmark", "sms_from": None},
    },
    "secrets": ["jwt_key", "secret_keys"],
}
STORE_KEY: dict[str, Any] = {
    "key_id": KEY_ID,
    "store_id": "shop",
    "kind": "secret",
    "name": "till",
    "scopes": ["orders:write", "inventory:write"],
    "origins": [],
    "created_at": NOW,
    "expires_at": None,
    "used_at": NOW,
    "rotated_at": None,
    "previous_until": None,
    "previous_used_at": None,
}
CALLBACKS = [
    {
        "provider": "postmark",
        "channel": "email",
        "what": "events",
        "url": "https://messages.shop.example/postmark/events",
        "ready": True,
        "heard_at": NOW,
    },
    {
        "provider": "twilio",
        "channel": "sms",
        "what": "replies",
        "url": "https://messages.shop.example/twilio/inbound",
        "ready": False,
        "heard_at": None,
    },
]
POOL = {"pool": "back10", "source": "endpoint", "url": "https://shop.example/coupons", "left": None}
METRICS = """# TYPE evercart_outbox_behind_seconds gauge
evercart_outbox_behind_seconds{database="trigger"} 0.4
# TYPE evercart_trigger_read_lag_seconds gauge
evercart_trigger_read_lag_seconds{topic="cart.events"} 90
"""
OF_RELAY = """# TYPE evercart_outbox_behind_seconds gauge
evercart_outbox_behind_seconds{database="cart"} 720
# TYPE evercart_dead_letters_total counter
evercart_dead_letters_total{topic="cart.events"} 2
"""
MEASURED = {"trigger": METRICS, "cart-relay": OF_RELAY}
COPY_ID, TEXT_ID = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
LETTER = "<!doctype html><html lang=en><title>Your cart</title><body><h1>It waits</h1></body></html>"

COPY: dict[str, Any] = {
    "reminder_id": COPY_ID,
    "customer_id": "anna",
    "channel": "email",
    "template": "abandoned_cart_1",
    "state": "sent",
    "sending_at": NOW,
    "subject": "Anna, your cart waits",
    "text": "It waits: https://shop.example/c/********",
    "html": LETTER,
}


@dataclass
class FakeServices:
    """Cart, trigger and notifier at once. `calls` are those that change or ask for somebody; `refuses` are answers of
    other statuses, by the end of a path.
    """

    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    idempotency: list[str] = field(default_factory=list)
    if_match: list[str] = field(default_factory=list)
    refuses: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    source: str = "api"
    store: dict[str, Any] = field(default_factory=lambda: dict(STORE))
    matched: list[str | None] = field(default_factory=list)
    pauses: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    backtests: FakeBacktests = field(default_factory=FakeBacktests)
    templates: FakeTemplates = field(default_factory=FakeTemplates)
    carts: FakeCarts = field(default_factory=FakeCarts)
    message: dict[str, Any] = field(default_factory=lambda: dict(MESSAGE))
    ahead: list[dict[str, Any]] = field(default_factory=lambda: [dict(AHEAD)])
    waits: dict[str, Any] = field(default_factory=lambda: MESSAGE | {"state": "pending", "due_at": NOW})
    merge: dict[str, Any] = field(default_factory=lambda: dict(MERGE))
    senders: list[dict[str, Any]] = field(default_factory=senders)
    senders_asked: int = 0
    rotated: dict[str, Any] = field(default_factory=dict)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One answer."""
        path = request.url.path
        self.senders_asked += path.endswith("/senders")
        if request.url.host in self.silent:
            raise httpx.ConnectError("refused")
        if path == "/health/ready":
            return httpx.Response(200, json={"status": "ready"})
        if path == "/metrics":
            return httpx.Response(200, text=MEASURED.get(request.url.host, ""))
        self.keys.add(request.headers["authorization"])
        rest = path.removeprefix("/v1/stores/shop")
        body = request.content.decode()
        if request.method != "GET":
            self.if_match += [tag] if (tag := request.headers.get("if-match")) else []
            self.idempotency += [key] if (key := request.headers.get("idempotency-key")) else []
            self.queries.append(dict(request.url.params))
            told = json.loads(body) if "json" in request.headers.get("content-type", "") else body
            self.calls.append((request.method, rest + ("?dry_run" if "dry_run" in str(request.url) else ""), told))
        for end, (status, problem) in self.refuses.items():
            if rest.endswith(end) or end == f"{request.method} {rest}":
                return httpx.Response(status, json=problem)
        return self._told(request.method, rest, request)

    def _of_keys(self, method: str, rest: str) -> httpx.Response:
        made = {"key_id": KEY_ID, "secret": SECRET}
        if rest == f"/keys/{KEY_ID}/rotate":
            self.rotated |= {"rotated_at": NOW, "previous_until": "2026-12-02T10:15:00+00:00"}
            return httpx.Response(200, json=made)
        return httpx.Response(201, json=made) if method == "POST" else httpx.Response(204)

    def _told(self, method: str, rest: str, request: httpx.Request) -> httpx.Response:
        of_part = self.backtests.answer(method, rest) or self.templates.answer(method, rest, request)
        if (of_part := of_part or self.carts.answer(method, rest, request)) is not None:
            return of_part
        if rest == "/campaigns" and method == "GET":
            found = [{"since": NOW, "campaign": one} for one in FILE["campaigns"]]
            told = {"source": self.source, "version": "4", "segments": {}, "campaigns": found}
            return httpx.Response(200, json=told, headers={"ETag": '"4"'})
        if rest == "":
            if method == "PUT":
                self.matched.append(request.headers.get("if-match"))
            told = (
                self.store | {"settings": STORE["settings"] | json.loads(request.content)}
                if method == "PUT"
                else self.store
            )
            return httpx.Response(200, json=told, headers={"ETag": '"12"'})
        if rest.startswith("/keys") and method != "GET":
            return self._of_keys(method, rest)
        if rest == "/pauses" and method == "PUT":
            self.pauses = [PAUSE | json.loads(request.content)]
        if rest == "/pauses" and method == "DELETE":
            self.pauses = []
            return httpx.Response(200, json={"released": 3})
        version = {"version": 4, "made_by": "console", "made_at": NOW, "rolled_back_to": None}
        customer = request.url.params.get("customer_id")
        answers: dict[str, Any] = {
            "/campaigns": CHANGES,
            "/campaigns/rollback": CHANGES,
            "/campaigns/versions": {"versions": [version, version | {"version": 3}], "next": None},
            "/campaigns/versions/3": version | {"version": 3, "said": FILE},
            "/campaigns/versions/4": version | {"said": FILE},
            "/explain": {
                "carts": [{"cart_id": CART_ID, "ahead": self.ahead}],
                "watches": [],
                "decisions": [DECISION],
                "next": None,
            },
            "/items": {"items": [one for one in (ITEM, GONE) if one["sku"] in request.url.params.get_list("sku")]},
            "/items/waited-for": {"items": [GONE, ITEM], "in_all": {"items": 2, "people": 17}, "next": "6.tea"},
            "/items/people": {"people": HOLDERS, "next": "1.b"},
            "/keys": {"keys": [STORE_KEY | self.rotated], "next": None},
            "/callbacks": {"callbacks": CALLBACKS},
            "/senders": {"senders": self.senders},
            "/coupons": {"pools": [POOL]},
            "/messages": {"messages": [self.message], "next": None},
            f"/messages/{WAITS_ID}": self.waits,
            f"/messages/{WAITS_ID}/cancel": {"state": "cancelled"},
            f"/messages/{AHEAD['reminder_id']}/cancel": {"state": "cancelled"},
            f"/carts/{CART_ID}/reminders/{AHEAD['reminder_id']}/cancel": {"reason": "called_off"},
            f"/messages/{COPY_ID}/content": COPY,
            f"/messages/{TEXT_ID}/content": COPY | {"channel": "sms", "html": None, "subject": None},
            "/replies": {"replies": [REPLY], "next": None},
            f"/replies/{REPLY['message_sid']}/read": REPLY | {"read_as": "stop"},
            "/suppressions": {"suppressions": [CLOSED | ({"reason": "stop"} if customer else {})], "next": None},
            "/suppressions/lift": {"suppressions": [CLOSED]},
            "/preview/send": {"outcome": "accepted", "reason": None},
            "/customers/find": {"customer_ids": ["anna"]},
            "/customers/anna/merges": {"merges": [self.merge], "next": None},
            "/customers/anna/consents": {"consents": CONSENTS},
            "/customers/anna/preference-changes": {"changes": [CHOICE]},
            f"/customers/anna/merges/{MERGE_ID}/undo": {"restored_cart_id": None},
            "/customers/anna/profile": PROFILE,
            "/customers/anna/export": {"customer_id": "anna"},
            "/customers/anna/erasure": {"erasure_id": CART_ID, "status": "pending"},
            "/orders/10042": {"order_id": "10042", "customer_id": "anna"},
            "/orders/77": {"order_id": "77", "customer_id": "anna"},
            "/orders/78": {"order_id": "78", "customer_id": None},
            "/pauses": {"pauses": self.pauses},
            "/preview": {
                "subject": "Your cart waits",
                "html": LETTER if request.url.params.get("channel") == "email" else None,
                "text": "It waits for you.",
                "segments": 1,
                "characters": 17,
            },
        }
        if rest not in answers:
            return httpx.Response(404, json={"detail": "There is nothing at this address."})
        return httpx.Response(200, json=answers[rest])
