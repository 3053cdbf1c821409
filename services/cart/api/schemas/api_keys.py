"""The shapes of answers about keys and about the audit, for the OpenAPI document."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.cart.domain.api_keys import Kind, Scope


class CreatedKey(BaseModel):
    """A key that was made or rotated. `secret` is told this once and kept nowhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key_id": "5f0c9d4e2b7a1836",
                "secret": "sk_5f0c9d4e2b7a1836_R2hlLXNlY3JldC1pcy10b2xkLW9uY2Utb25seQ0",
            }
        }
    )

    key_id: str
    secret: str


class ApiKey(BaseModel):
    """A live key. `used_at` is true to the hour; `previous_until` says until when the secret before a rotation stays
    live, and `previous_used_at` whether somebody still goes by it.
    """

    key_id: str
    store_id: str
    kind: Kind
    name: str
    scopes: list[Scope]
    origins: list[str]
    created_at: AwareDatetime
    rotated_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    used_at: AwareDatetime | None
    previous_until: AwareDatetime | None
    previous_used_at: AwareDatetime | None


class ApiKeyPage(BaseModel):
    """A page of the live keys of a store, by name."""

    keys: list[ApiKey]
    next: str | None


class AuditEntry(BaseModel):
    """One change. `actor` is a key (`k:` and its id), a secret key of the store's settings (`s:`), one of the service's
    (`o:`), or the command line (`cli:` and the user's name there).
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "audit_id": "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
                "at": "2026-11-22T03:00:00Z",
                "actor": "k:5f0c9d4e2b7a1836",
                "action": "key.revoked",
                "subject": "key:0a1b2c3d4e5f6071",
                "request_id": "deploy-42",
            }
        }
    )

    audit_id: UUID
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    request_id: str | None


class AuditPage(BaseModel):
    """A page of the audit, newest first."""

    entries: list[AuditEntry]
    next: UUID | None
