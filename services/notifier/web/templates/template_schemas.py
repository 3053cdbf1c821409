"""What is said and told of a store's templates."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from services.notifier.domain.template_document import TemplateDocument
from services.notifier.web.schemas import AT, like

DOCUMENT: dict[str, Any] = {
    "variables": ["gift"],
    "words": {
        "en": {
            "subject": "{gift} for you",
            "preheader": "A present waits for you.",
            "heading": "Happy birthday",
            "body": "{gift} waits for you at {store}.",
            "button": "Take it",
            "text_message": "{store}: {gift} waits for you: {url}",
        }
    },
}
VERSION: dict[str, Any] = {"version": 3, "made_by": "writer", "made_at": AT, "rolled_back_to": None}


class TemplateVersion(BaseModel):
    """Who said a template, and when; `rolled_back_to` is the version that it is again."""

    version: int
    made_by: str
    made_at: AwareDatetime
    rolled_back_to: int | None


class TemplateTold(TemplateVersion):
    """A template as it was said; null where it was taken away."""

    model_config = like({"name": "birthday", **VERSION, "said": DOCUMENT})

    name: str
    said: TemplateDocument | None


class TemplateInForce(BaseModel):
    """What a store's template says now, and where that is said: by the API, in a file of the service's own for the
    store, or in what ships. `version` is of the API's newest, 0 where there was none.
    """

    model_config = like({"name": "birthday", "source": "api", "version": 3, "said": DOCUMENT})

    name: str
    source: Literal["api", "file", "shipped"]
    version: int
    said: TemplateDocument


class TemplateNamed(TemplateVersion):
    """A template that is in force, without what it says."""

    name: str


class TemplatesTold(BaseModel):
    """The templates that the store has said by the API and has not taken away."""

    model_config = like({"templates": [{"name": "birthday", **VERSION}]})

    templates: list[TemplateNamed]


class TemplateChanged(BaseModel):
    """What is in force, or would be; `changed` is whether it is another than before."""

    model_config = like({"name": "birthday", "dry_run": False, "changed": True, "version": 3})

    name: str
    dry_run: bool
    changed: bool
    version: int


class TemplateVersionPage(BaseModel):
    """A page of the versions of a template, the newest first."""

    model_config = like({"versions": [VERSION], "next": None})

    versions: list[TemplateVersion]
    next: str | None
