"""Drafts of templates: begun with what is in force, kept for who writes them, beside what others change meanwhile."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceError
from services.console.db import template_drafts
from services.console.db.template_drafts import Draft
from services.console.domain.people import Person
from services.console.domain.template_said import Difference, both_changed, differences, on_top_of

NEVER_SAID = '"0"'
"""The tag of a template of which the API was told no version."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A template as somebody is at it: `source` is where what is in force is said ("new": nowhere), `etag` its tag.

    `saved_at` is None where they have changed nothing yet.
    """

    name: str
    source: str
    in_force: dict[str, Any]
    etag: str
    draft: Draft
    saved_at: datetime | None

    @property
    def mine(self) -> list[Difference]:
        """What they have changed since they began."""
        return differences(self.draft.base, self.draft.said)

    @property
    def theirs(self) -> list[Difference]:
        """What somebody else has said in the meantime."""
        return differences(self.draft.base, self.in_force) if self.overtaken else []

    @property
    def overtaken(self) -> bool:
        """Whether it is another template than they have begun with."""
        return self.draft.etag != self.etag

    @property
    def both(self) -> list[str]:
        """The places at which both have changed something."""
        return both_changed(self.draft.base, self.draft.said, self.in_force) if self.overtaken else []


class TemplateDrafts:
    """Drafts by person. All raise `ServiceError` where the notifier says no."""

    def __init__(self, pool: Pool, notifier: Notifier, clock: Clock) -> None:
        self._pool, self._templates, self._clock = pool, notifier.templates, clock

    async def open(self, person: Person, store_id: str, name: str) -> Opened:
        """What somebody is at, or a draft that is what is in force."""
        source, in_force, etag = await self._in_force(store_id, name)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await template_drafts.read(connection, person.person_id, store_id, name)
        draft = found or Draft(in_force, in_force, etag, self._clock())
        return Opened(name, source, in_force, etag, draft, found.saved_at if found else None)

    async def said(self, person: Person, store_id: str, name: str) -> dict[str, Any]:
        """What somebody's draft says, or what is in force."""
        return (await self.open(person, store_id, name)).draft.said

    async def keep(self, person: Person, store_id: str, opened: Opened, said: dict[str, Any]) -> Opened:
        """Keeps what somebody has written; a draft that says nothing new is none."""
        draft = Draft(said, opened.draft.base, opened.draft.etag, self._clock())
        after = replace(opened, draft=draft, saved_at=draft.saved_at)
        if not after.mine and not after.overtaken:
            await self.drop(person, store_id, opened.name)
            return replace(after, saved_at=None)
        await self._write(person, store_id, opened.name, draft)
        return after

    async def put_on_top(self, person: Person, store_id: str, name: str) -> None:
        """Begins anew with what is in force, and what somebody has changed themselves on top of it."""
        opened = await self.open(person, store_id, name)
        said = on_top_of(opened.draft.base, opened.draft.said, opened.in_force)
        await self._write(person, store_id, name, Draft(said, opened.in_force, opened.etag, self._clock()))

    async def drop(self, person: Person, store_id: str, name: str) -> None:
        """Forgets somebody's draft."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await template_drafts.drop(connection, person.person_id, store_id, name)

    async def _write(self, person: Person, store_id: str, name: str, draft: Draft) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await template_drafts.keep(connection, person.person_id, store_id, name, draft)

    async def _in_force(self, store_id: str, name: str) -> tuple[str, dict[str, Any], str]:
        try:
            told, etag = await self._templates.in_force(store_id, name)
        except ServiceError as error:
            if error.status != 404 or not str(error.members.get("type", "")).endswith("unknown-template"):
                raise
            return "new", {"words": {}, "variables": []}, NEVER_SAID
        return str(told["source"]), told["said"], etag
