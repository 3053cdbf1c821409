"""What the notifier tells that there is for a store's campaigns. Takes a connection, never commits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import asyncpg
from pydantic_core import from_json, to_json

from libs.contracts.events import AssetsSet
from libs.postgres.pool import Connection

KEEP = """
INSERT INTO campaign_assets AS kept (store_id, version, templates, pools) VALUES ($1, $2, $3::jsonb, $4::text[])
ON CONFLICT (store_id) DO UPDATE
SET version = excluded.version, templates = excluded.templates, pools = excluded.pools
WHERE kept.version < excluded.version
"""
READ = "SELECT store_id, templates, pools FROM campaign_assets WHERE store_id = ANY ($1::text[])"


@dataclass(frozen=True, slots=True)
class Assets:
    """By the name of a template the channels that it has words for, None where that is not known; names of pools."""

    templates: Mapping[str, Collection[str]] | None
    pools: Collection[str]


async def keep(connection: Connection, event: AssetsSet) -> None:
    """Keeps what is told of a store, unless something newer is here already."""
    templates = None if event.templates is None else to_json(event.templates).decode()
    await connection.execute(KEEP, event.store_id, event.assets_version, templates, event.pools)


async def of_stores(connection: Connection, store_ids: Collection[str]) -> dict[str, Assets]:
    """What there is for the campaigns of those of the stores of which anything was told."""
    return {row["store_id"]: _assets(row) for row in await connection.fetch(READ, list(store_ids))}


def _assets(row: asyncpg.Record) -> Assets:
    return Assets(None if row["templates"] is None else from_json(row["templates"]), row["pools"])
