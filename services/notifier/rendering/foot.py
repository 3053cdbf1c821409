"""What stands below the button of a letter: why it came, and the ways out. Pure."""

from collections.abc import Mapping

from services.notifier.domain.kinds.kind import Kind
from services.notifier.rendering.phrases import Wording


def foot(kind: Kind, words: Wording, facts: Mapping[str, str]) -> dict[str, str]:
    """The phrases `note`, `why`, `unsubscribe` and `preferences`; one that does not belong there is empty."""
    if kind.purpose == "confirmation":
        asked = {part: words.say(f"common.{part}_asked", facts) for part in ("why", "unsubscribe")}
        return {"note": "", "preferences": "", **asked}
    said = {part: words.say(f"common.{part}", facts) for part in ("note", "why", "unsubscribe", "preferences")}
    if kind.about == "customer":
        said["note"] = ""
    if kind.purpose == "transactional":
        said |= {"why": words.say("common.why_transactional", facts), "unsubscribe": ""}
    return said
