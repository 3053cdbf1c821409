"""Ending an experiment: the campaign as it is when one arm gets everybody. Pure; the trigger says whether it holds.

The winner's arm stays an arm, with a larger share: whoever is in it keeps it, and those of the other arms, which are
gone, come to it. Of variants of a message only what the winner says is left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.console.domain.flow import TREATMENT

Json = Mapping[str, Any]


def arms_of(campaign: Json) -> tuple[str, ...]:
    """The arms that may win, in the order of the campaign: those of its split, else the variants of its messages."""
    split = campaign.get("split") or {}
    if split:
        return tuple(split.get("arms") or (TREATMENT,))
    names = (variant["name"] for step in _steps(campaign) for variant in step.get("variants") or ())
    return tuple(dict.fromkeys(names))


def ended(campaign: Json, winner: str, *, keep_holdout: bool = False) -> dict[str, Any]:
    """The campaign in which the winner gets all, but for the holdout where that is kept.

    Raises `ValueError` for what is no arm of it.
    """
    if winner not in arms_of(campaign):
        raise ValueError(f"{winner} is no arm of this campaign")
    split = campaign.get("split") or {}
    if not split:
        return dict(campaign) | {"steps": [_said_by(step, winner) for step in _steps(campaign)]}
    if not split.get("arms"):
        return {name: value for name, value in campaign.items() if name != "split"}
    holdout = split.get("holdout", 0) if keep_holdout else 0
    shares: dict[str, Any] = {"holdout": holdout} if holdout else {}
    steps = [dict(step) for step in _steps(campaign) if (step.get("when") or {}).get("arm", winner) == winner]
    return dict(campaign) | {"split": shares | {"arms": {winner: 100 - holdout}}, "steps": steps}


def with_ended(document: Json, name: str, winner: str, *, keep_holdout: bool = False) -> dict[str, Any]:
    """A document of campaigns in which that of a name is ended so. Raises `LookupError`, `ValueError`."""
    campaign = named(document, name)
    after = ended(campaign, winner, keep_holdout=keep_holdout)
    return dict(document) | {"campaigns": [after if one is campaign else one for one in document["campaigns"]]}


def named(document: Json, name: str) -> Json:
    """The campaign of a name. Raises `LookupError` where a document has none."""
    found = next((one for one in document["campaigns"] if one["name"] == name), None)
    if found is None:
        raise LookupError(name)
    campaign: Json = found
    return campaign


def _steps(campaign: Json) -> Sequence[Json]:
    return list(campaign.get("steps") or ())


def _said_by(step: Json, winner: str) -> dict[str, Any]:
    """The step as it speaks to those of a variant; as it is where it has none of that name."""
    variants = step.get("variants") or ()
    won = next((one for one in variants if one["name"] == winner), None)
    if won is None:
        return dict(step)
    says = {name: won[name] for name in ("template", "coupon") if won.get(name)}
    return {name: value for name, value in step.items() if name != "variants"} | says
