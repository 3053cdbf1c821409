"""A store says its campaigns anew, by the API: kept as a version, and switched on, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.trigger.campaigns.own import Own
from services.trigger.campaigns.registry import CampaignRegistry, Said, on_since
from services.trigger.db.activations import Known, sync_activations
from services.trigger.db.campaign_versions import next_number, write_version
from services.trigger.domain.activations import switch
from services.trigger.domain.campaign_changes import CampaignChange, compare
from services.trigger.domain.campaigns import CampaignFile, Source


@dataclass(frozen=True, slots=True)
class Wish:
    """What a store wants to have in force: `document` as it is kept (JSON) and what it says, None for what all have.

    `made_by` is the name of the key. With `dry_run` nothing is kept. `rolled_back_to` is the version that it is again.
    """

    store_id: str
    document: str | None
    file: CampaignFile | None
    made_by: str
    dry_run: bool
    rolled_back_to: int | None = None


@dataclass(frozen=True, slots=True)
class Current:
    """What is in force: where it is said, its version, and the number of the store's own newest one, if it has one."""

    source: Source
    version: str
    own: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a wish changed, or would change, the version after it, and whether that is the store's first."""

    changes: tuple[CampaignChange, ...]
    source: Source
    version: str
    first: bool


async def change_campaigns(
    pool: Pool, registry: CampaignRegistry, wish: Wish, insist: Callable[[Current], None]
) -> Outcome:
    """Keeps a wish and puts it in force; `insist` raises where the caller counts on something else than is in force.

    What says the same as is in force is no version.
    """
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        before, said = await registry.locked(connection)
        own = said.own.get(wish.store_id)
        source, _, version = said.of(wish.store_id)
        insist(Current(source, version, own.version if own else None))
        outcome = await _change(connection, registry, wish, before, said)
    if not wish.dry_run:
        await registry.refresh()
    return outcome


async def _change(connection: Connection, registry: CampaignRegistry, wish: Wish, before: Known, said: Said) -> Outcome:
    now = await registry.clock(connection)
    number = await next_number(connection, wish.store_id)
    others = {store_id: own for store_id, own in said.own.items() if store_id != wish.store_id}
    if wish.file is not None:
        others[wish.store_id] = Own(number, tuple(wish.file.names), wish.file)
    after = replace(said, own=others)
    since = switch(before.on, before.own, after.names, now)
    (old_source, old, old_version), (source, new, version) = said.of(wish.store_id), after.of(wish.store_id)
    changes = compare(old, new, {name: on_since(wish.store_id, name, since) for name in new.names})
    if old_source == source and old == new:
        return Outcome(changes, source, old_version, first=False)
    if not wish.dry_run:
        await write_version(
            connection,
            wish.store_id,
            number,
            wish.document,
            made_by=wish.made_by,
            made_at=now,
            rolled_back_to=wish.rolled_back_to,
        )
        await sync_activations(connection, before, after.names, now)
    return Outcome(changes, source, version, first=number == 1)
