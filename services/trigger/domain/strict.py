"""What every part of a campaign file has in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of a campaign file: what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)
