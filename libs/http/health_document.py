"""What an OpenAPI document says of the routes in `health`: as JSON, because they are none of FastAPI's."""

from collections.abc import Mapping
from typing import Any

_READY = {
    "type": "object",
    "required": ["status", "failing"],
    "properties": {
        "status": {"type": "string", "enum": ["ready", "unavailable"]},
        "failing": {"type": "array", "items": {"type": "string"}, "description": "The checks that failed."},
    },
}
_LIVE = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string", "const": "live"}}}


def _answer(description: str, schema: object, example: object, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema, "example": example}}}


def _operation(name: str, description: str, responses: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": name.replace("_", " ").capitalize(),
            "description": description,
            "tags": ["health"],
            "security": [],
            "parameters": [],
            "responses": responses,
        }
    }


HEALTH: Mapping[str, Any] = {
    "/health/live": _operation(
        "check_liveness",
        "Whether the process answers at all: where it does not, start it anew.",
        {"200": _answer("It lives", _LIVE, {"status": "live"})},
    ),
    "/health/ready": _operation(
        "check_readiness",
        "Whether what the process needs can be used: where it can't, send it nothing.",
        {
            "200": _answer("It is ready", _READY, {"status": "ready", "failing": []}),
            "503": _answer("It is not", _READY, {"status": "unavailable", "failing": ["postgres"]}),
        },
    ),
    "/metrics": _operation(
        "read_metrics",
        "The figures of the process, as Prometheus reads them.",
        {"200": _answer("The figures", {"type": "string"}, "evercart_outbox_relay_leader 1.0\n", "text/plain")},
    ),
}
"""Path → operations."""
