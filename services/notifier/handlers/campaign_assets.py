"""Tells which templates and pools of coupons there are for campaigns, in the transaction that has changed them."""

from datetime import datetime
from typing import Final

from libs.contracts.events import AssetsSet
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.channels.registry import CHANNELS
from services.notifier.channels.sms.compose import compose as compose_text
from services.notifier.db import campaign_assets
from services.notifier.domain.campaign_assets import Assets, Said, templates_by_channel
from services.notifier.domain.store import Store
from services.notifier.handlers.source import SOURCE
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.rendering.templates import BrokenTemplateError

TEXTUAL: Final = tuple(name for name, channel in CHANNELS.items() if channel.compose is compose_text)
"""The channels that carry a template's text; an approved template of somebody else's says its own words."""


def said_by_files(templates: StoreTemplates, store: Store) -> Said | None:
    """What a store's own files say, and what ships; None while its own can't be used."""
    try:
        return templates.of_files(store).said
    except BrokenTemplateError:
        return None


def assets_of(of_files: Said | None, of_store: Said, pools: tuple[str, ...]) -> Assets:
    """What there is for campaigns, of all that says it."""
    templates = None if of_files is None else templates_by_channel(of_files, of_store, tuple(CHANNELS), TEXTUAL)
    return Assets(templates, pools)


async def tell_assets(connection: Connection, store_id: str, of_files: Said | None, now: datetime) -> bool:
    """Tells of a store where something else holds than was told last, and says if so. To be called after all that
    changes it.
    """
    held = await campaign_assets.hold(connection, store_id)
    of_store = await campaign_assets.said_by_api(connection, store_id)
    found = assets_of(of_files, of_store, await campaign_assets.pools_of(connection, store_id))
    if found == held.told:
        return False
    event = AssetsSet(
        event_id=uuid7(),
        occurred_at=now,
        store_id=store_id,
        assets_version=held.next_version,
        templates=None if found.templates is None else dict(found.templates),
        pools=found.pools,
    )
    await campaign_assets.note(connection, store_id, held.next_version, found)
    await outbox.append(connection, [event], SOURCE)
    return True
