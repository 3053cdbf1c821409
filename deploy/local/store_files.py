"""The stores of a stack as files that the cart service reads, and reads again when somebody tries a change."""

import yaml

from deploy.local.stack import Stack

_HEAD = """\
# Written by `evercart up`. A change counts as soon as it is saved, until the next `evercart up`; a mistake is told
# in the log of the cart. All settings: deploy/docs/settings.md
"""


def write_stores(stack: Stack) -> None:
    """Writes a file for each store, for its owner's eyes only: it holds the store's keys."""
    stack.stores_dir.mkdir(mode=0o700, exist_ok=True)
    for store_id, settings in cart_stores(stack).items():
        partial = stack.stores_dir / f"{store_id}.partial"
        partial.touch(mode=0o600)
        partial.write_text(_HEAD + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")
        partial.rename(partial.with_suffix(".yaml"))


def cart_stores(stack: Stack) -> dict[str, dict[str, object]]:
    """What the cart service is told of each store."""
    return {
        store_id: {
            "name": store.name,
            "currency": store.currency,
            "locale": store.locale,
            "jwt_key": store.jwt_key,
            "secret_keys": [store.secret_key],
            "recovery_url": f"{stack.shop_url}?recover={{token}}",
            "messages": {"email_from": f"hello@{store_id}.example", "sms_from": "+15005550006"},
            "guest_contacts": "double_opt_in",
            "origins": [stack.playground_url, f"http://localhost:{stack.ports.playground}"],
        }
        for store_id, store in stack.stores.items()
    }
