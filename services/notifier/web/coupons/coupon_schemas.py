"""What a store says of its coupons, and what it is told."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.notifier.domain.coupons import CODE, PATTERN, Source, is_pattern
from services.notifier.web.schemas import AT, like

NAME = r"^[a-z][a-z0-9_-]{0,49}$"
URL = r"^https?://[!-~]+$"
_END = "2026-12-31T23:59:59+01:00"
_SAID: dict[str, Any] = {"source": "codes", "pattern": None, "url": None, "check_url": None}
_SAID |= {"once_days": 30, "low_at": 100}
POOL: dict[str, Any] = {"pool": "back10"} | _SAID | {"left": 940, "taken": 58, "refused": 2, "signing_secret": None}
NEW = {"once_days": 30, "low_at": 100, "codes": ["BACK-7Q2M9K", {"code": "BACK-X4TT2P", "expires_at": _END}]}
MORE = {"codes": ["BACK-7Q2M9K", {"code": "BACK-X4TT2P", "expires_at": _END}]}
_ONE: dict[str, Any] = {"type": "string", "pattern": CODE}
_CODES: dict[str, Any] = {
    "type": "array",
    "maxItems": 100_000,
    "items": {
        "anyOf": [
            _ONE,
            {
                "type": "object",
                "required": ["code"],
                "properties": {"code": _ONE, "expires_at": {"type": "string", "format": "date-time"}},
                "additionalProperties": False,
            },
        ]
    },
}
_CSV = {"text/csv": {"schema": {"type": "string"}, "example": f"code,expires_at\nBACK-7Q2M9K,\nBACK-X4TT2P,{_END}\n"}}


def _body(schema: dict[str, Any], example: object) -> dict[str, Any]:
    of_json = {"schema": schema | {"type": "object", "additionalProperties": False}, "example": example}
    return {"required": True, "content": {"application/json": of_json} | _CSV}


BODY = _body(
    {
        "properties": {
            "source": {"type": "string", "enum": ["codes", "pattern", "endpoint"]},
            "pattern": {"type": "string", "pattern": PATTERN, "maxLength": 64},
            "url": {"type": "string", "pattern": URL, "maxLength": 2000},
            "check_url": {"type": "string", "pattern": URL, "maxLength": 2000},
            "once_days": {"type": "integer", "minimum": 1, "maximum": 3660},
            "low_at": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
            "codes": _CODES,
        }
    },
    NEW,
)
MORE_BODY = _body({"required": ["codes"], "properties": {"codes": _CODES}}, MORE)


class NewPool(BaseModel):
    """A pool as it is to be: codes that are uploaded, drawn by a `pattern` when they are needed, or asked for at the
    shop's `url`. Its `check_url` is asked before each is sent whether it counts.

    A person gets one code in `once_days`. With `low_at` free codes the pool runs low.
    """

    model_config = ConfigDict(extra="forbid")

    source: Source = "codes"
    pattern: str | None = None
    url: str | None = Field(None, pattern=URL, max_length=2000)
    check_url: str | None = Field(None, pattern=URL, max_length=2000)
    once_days: int = Field(30, ge=1, le=3660, strict=True)
    low_at: int = Field(0, ge=0, le=1_000_000, strict=True)

    @model_validator(mode="after")
    def _says_where_from(self) -> "NewPool":
        if (self.source == "pattern") != (self.pattern is not None):
            raise ValueError("a pool of the source pattern has a pattern, and no other has one")
        if (self.source == "endpoint") != (self.url is not None):
            raise ValueError("a pool of the source endpoint has a url, and no other has one")
        if self.pattern is not None and not is_pattern(self.pattern):
            raise ValueError("a pattern is of letters, digits, - and _, with six # or more, each of which is drawn")
        return self


class PoolTold(BaseModel):
    """A pool, and how many of its codes are `left`, `taken` by somebody, and `refused` (the shop knew them no more).
    Where the shop is asked, by Standard Webhooks, `signing_secret` is what it checks the signatures with.
    """

    model_config = like(POOL)

    pool: str
    source: Source
    pattern: str | None
    url: str | None
    check_url: str | None
    once_days: int
    low_at: int
    left: int
    taken: int
    refused: int
    signing_secret: str | None


class PoolFilled(PoolTold):
    """The same, and how many of the codes that were sent it had not had."""

    model_config = like(POOL | {"added": 2})

    added: int


class Pools(BaseModel):
    """A store's pools."""

    model_config = like({"pools": [POOL]})

    pools: list[PoolTold]


class CodeTold(BaseModel):
    """A code: whether it is `free`, `taken` by somebody, or `refused`; until when it counts, and since when it is."""

    model_config = like(
        {"code": "BACK-7Q2M9K", "state": "taken", "expires_at": None, "valid_until": AT, "taken_at": AT}
    )

    code: str
    state: Literal["free", "taken", "refused"]
    expires_at: AwareDatetime | None
    valid_until: AwareDatetime | None
    taken_at: AwareDatetime | None
