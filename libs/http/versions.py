"""What is replaced as a whole and kept as versions: parameters and bodies of its endpoints, and what If-Match means."""

from typing import Annotated

from fastapi import Header, Path
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from libs.http import paging

PAGE = 100
NEWEST = 2**53
"""No version has a greater number."""

IfMatch = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "examples": ['"3"']}),
    Header(alias="If-Match", description="The entity tag of what is meant to be replaced; needed where there is one."),
]
Number = Annotated[int, Path(ge=1, le=NEWEST, description="The number of the version.", examples=[2])]
After = Annotated[int, paging.after(ge=1, le=NEWEST, examples=[4])]
Limit = Annotated[int, paging.limit(PAGE)]


class RollBack(BaseModel):
    """The version that is to be in force again."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=NEWEST)


def names(if_match: str, etag: str) -> bool:
    """Whether a list of entity tags names this one, or whatever there is (RFC 9110, 13.1.1)."""
    return not {etag, "*"}.isdisjoint(tag.strip() for tag in if_match.split(","))
