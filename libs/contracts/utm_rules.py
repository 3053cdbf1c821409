"""What a store may say of the UTM parameters of its messages' links: bounds as in `message_rules`."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

UTM_FACTS: Final = ("campaign", "channel", "kind", "step", "template", "variant")
"""What a parameter may name of a message: nothing of whom it is for."""
UtmText = Annotated[
    str,
    StringConstraints(
        pattern=r"^([^{}\x00-\x1f\x7f]|\{(campaign|channel|kind|step|template|variant)\})+$", max_length=100
    ),
]
"""`newsletter`, `{campaign}`, `{template}-{step}`."""


class Utm(BaseModel):
    """`utm_source` and the others as a store's statistics want them. One that is not set is not added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: UtmText | None = None
    medium: UtmText | None = None
    campaign: UtmText | None = None
    term: UtmText | None = None
    content: UtmText | None = None
