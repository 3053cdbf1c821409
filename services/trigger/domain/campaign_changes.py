"""What a new version of a store's campaigns changes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.kinds.campaign import Campaign

Kind = Literal["added", "removed", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field by its path (`steps.first_email.delay`), what it says before and after; None where it is not."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """What becomes of a campaign; `since` is from when on it is switched on (aware, UTC), None where it goes."""

    name: str
    change: Kind
    since: datetime | None
    fields: tuple[FieldChange, ...] = ()


def compare(before: CampaignFile, after: CampaignFile, since: Mapping[str, datetime]) -> tuple[CampaignChange, ...]:
    """Every campaign of either, those that go at the end; `since` says since when those of `after` are on."""
    old = {campaign.name: campaign for campaign in before.campaigns}
    found = [_changed(old.get(campaign.name), campaign, since[campaign.name]) for campaign in after.campaigns]
    gone = [CampaignChange(name, "removed", None) for name in old if name not in after.names]
    return (*found, *gone)


def _changed(old: Campaign | None, new: Campaign, since: datetime) -> CampaignChange:
    if old is None:
        return CampaignChange(new.name, "added", since)
    fields = _differences(dict(_fields(_said(old))), dict(_fields(_said(new))))
    return CampaignChange(new.name, "changed" if fields else "unchanged", since, fields)


def _said(campaign: Campaign) -> dict[str, Any]:
    return campaign.model_dump(mode="json")


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    paths = [*new, *(path for path in old if path not in new)]
    return tuple(FieldChange(p, old.get(p), new.get(p)) for p in paths if old.get(p) != new.get(p))


def _fields(said: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - plain data
    """Each field by its path. What has names (steps, variants) goes by them, and the order of these is a field, too."""
    named = isinstance(said, list) and said and all(isinstance(one, dict) and one.get("name") for one in said)
    if named:
        yield path, [one["name"] for one in said]
        said = {one["name"]: one for one in said}
    if not isinstance(said, dict):
        yield path, said
        return
    for name, value in said.items():
        yield from _fields(value, f"{path}.{name}" if path else name)
