"""What there is for stores' campaigns, and what was told of it last. Functions take a connection, and never commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection
from services.notifier.domain.campaign_assets import Assets

# Made where it is missing: whoever tells of a store is alone with it, and sees what others wrote before they let go.
HOLD = """
INSERT INTO campaign_assets AS a (store_id) VALUES ($1)
ON CONFLICT (store_id) DO UPDATE SET store_id = excluded.store_id
"""
TOLD = """
SELECT version > 0 AS was_told, templates, pools,
       greatest(version + 1, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint) AS next_version
FROM campaign_assets WHERE store_id = $1
"""
POOLS = "SELECT pool FROM coupon_pools WHERE store_id = $1 ORDER BY pool"
SAID = """
SELECT name, jsonb_path_exists(document, '$.words.*.text_message ? (@ != null)') AS texts
FROM (
    SELECT DISTINCT ON (name) name, document FROM template_versions WHERE store_id = $1 ORDER BY name, version DESC
) AS newest
WHERE document IS NOT NULL
"""
NOTE = "UPDATE campaign_assets SET version = $2, templates = $3::jsonb, pools = $4::text[] WHERE store_id = $1"
ALL_TOLD = "SELECT store_id, templates, pools FROM campaign_assets WHERE version > 0"
ALL_POOLS = "SELECT store_id, array_agg(pool ORDER BY pool) AS pools FROM coupon_pools GROUP BY store_id"


@dataclass(frozen=True, slots=True)
class Held:
    """What was told last, None for nothing yet, and the number that telling anew has."""

    told: Assets | None
    next_version: int


async def hold(connection: Connection, store_id: str) -> Held:
    """What was told of a store last; nobody else tells of it until the caller's transaction ends."""
    await connection.execute(HOLD, store_id)
    row = await connection.fetchrow(TOLD, store_id)
    assert row is not None
    return Held(_assets(row["templates"], row["pools"]) if row["was_told"] else None, row["next_version"])


async def said_by_api(connection: Connection, store_id: str) -> dict[str, bool]:
    """The templates that the store has said by the API: by their names, whether they have words for a text."""
    return {row["name"]: row["texts"] for row in await connection.fetch(SAID, store_id)}


async def pools_of(connection: Connection, store_id: str) -> tuple[str, ...]:
    """The names of its pools of coupons, in order."""
    return tuple(row["pool"] for row in await connection.fetch(POOLS, store_id))


async def note(connection: Connection, store_id: str, version: int, assets: Assets) -> None:
    """Notes what is told."""
    templates = None if assets.templates is None else to_json(assets.templates).decode()
    await connection.execute(NOTE, store_id, version, templates, assets.pools)


async def told(connection: Connection) -> dict[str, Assets]:
    """What was told last of every store of which anything was."""
    rows = await connection.fetch(ALL_TOLD)
    return {row["store_id"]: _assets(row["templates"], row["pools"]) for row in rows}


async def pools(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The names of the pools of every store that has any, in order."""
    return {row["store_id"]: tuple(row["pools"]) for row in await connection.fetch(ALL_POOLS)}


def _assets(templates: str | None, pools: Sequence[str]) -> Assets:
    found: Mapping[str, Sequence[str]] | None = None if templates is None else from_json(templates)
    named = None if found is None else {name: tuple(channels) for name, channels in found.items()}
    return Assets(named, tuple(pools))
