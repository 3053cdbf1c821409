import json

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from libs.runtime.problems import Problem, invalid, on_invalid, on_problem

REQUEST = Request({"type": "http"})


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quantity: int = Field(ge=1)
    email: str = Field(max_length=5)


def faults(data):
    with pytest.raises(ValidationError) as caught:
        Body.model_validate_json(data)
    return caught.value


def test_a_problem_is_a_document_with_a_stable_type_and_is_never_cached():
    response = Problem(412, "stale-version", "The cart has changed.", headers={"ETag": '"3"'}, version=3).response()
    assert response.media_type == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["etag"] == '"3"'
    assert json.loads(bytes(response.body)) == {
        "type": "urn:evercart:problem:stale-version",
        "title": "Precondition Failed",
        "status": 412,
        "detail": "The cart has changed.",
        "version": 3,
    }


async def test_an_invalid_request_names_fields_and_rules_but_repeats_no_value():
    response = await on_invalid(REQUEST, faults('{"quantity": -7, "email": "someone@example.org", "a/b": 1}'))
    document = json.loads(bytes(response.body))
    assert response.status_code == 422
    assert {e["pointer"] for e in document["errors"]} == {"/quantity", "/email", "/a~1b"}
    assert "someone" not in bytes(response.body).decode()
    assert "-7" not in bytes(response.body).decode()


def test_malformed_json_is_a_400():
    error = faults('{"quantity": 1')
    problem = invalid(error.errors(include_url=False))
    assert (problem.status, problem.slug) == (400, "malformed-json")


async def test_other_exceptions_are_not_swallowed():
    with pytest.raises(KeyError):
        await on_problem(REQUEST, KeyError("x"))
    with pytest.raises(KeyError):
        await on_invalid(REQUEST, KeyError("x"))
