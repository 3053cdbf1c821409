"""Campaigns that stores have said by the API, as this process knows them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from libs.files.yaml_file import FaultyTextError
from services.trigger.campaigns.documents import kept
from services.trigger.campaigns.faults import told_of
from services.trigger.db.campaign_versions import KeptVersion
from services.trigger.domain.campaigns import CampaignFile


@dataclass(frozen=True, slots=True)
class Own:
    """A store's campaigns: the version, their `names`, and what of them can be used here.

    `file` leaves out what this release can't read: a newer one has written it, and knows since when it is on.
    """

    version: int
    names: tuple[str, ...]
    file: CampaignFile


def taken(before: Mapping[str, Own], newer: Iterable[KeptVersion]) -> dict[str, Own]:
    """What the stores say after these versions. One that can't be used is told of, and what it leaves in force of the
    version before stays.
    """
    after = dict(before)
    for version in newer:
        if version.document is None:
            after.pop(version.store_id, None)
            continue
        after[version.store_id] = _own(version, version.document, before.get(version.store_id))
    return after


def _own(version: KeptVersion, text: str, before: Own | None) -> Own:
    document = json.loads(text)
    label = f"{version.store_id} (API)"
    try:
        file = kept(document)
    except FaultyTextError as error:
        told_of.broken(label, f"version {version.version}: {error}", kept_old=before is not None)
        names = tuple(one["name"] for one in document["campaigns"])
        known = before.file if before else CampaignFile(campaigns=())
        usable = tuple(c for c in known.campaigns if c.name in names)
        return Own(version.version, names, known.model_copy(update={"campaigns": usable}))
    told_of.mended(label)
    return Own(version.version, tuple(file.names), file)
