"""What is exported of what somebody has answered."""

from pydantic import AwareDatetime, BaseModel

from services.notifier.web.schemas import AT

REPLY = {"message_sid": "SM01", "meaning": "unclear", "received_at": AT, "read_as": "stop", "read_at": AT}
"""An example of one."""


class ExportedReply(BaseModel):
    """What kind of thing the customer has answered, and when; what a person has read in it, where it was unclear."""

    message_sid: str
    meaning: str
    received_at: AwareDatetime
    read_as: str | None
    read_at: AwareDatetime | None
