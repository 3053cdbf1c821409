"""What a request says of campaigns, and what it counts on. Refused with all faults at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request

from libs.files.yaml_file import Fault, FaultyTextError
from libs.http.body import body_within
from libs.http.problems import Problem
from libs.http.versions import names
from services.trigger.campaigns.documents import MOST, Known, NoJsonError, read_json, read_yaml
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.handlers.campaigns import Current


async def campaigns_of(request: Request, store: Known) -> tuple[str, CampaignFile]:
    """What is to be kept of the body, and what it says of a store of which that is known.

    Raises `Problem` 400, 413, 422.
    """
    body = await body_within(request, MOST)
    with faults_told():
        is_json = "json" in request.headers.get("content-type", "")
        return read_json(body, store) if is_json else read_yaml(body, store)


@contextmanager
def faults_told() -> Iterator[None]:
    """Raises `Problem` 400 or 422 for what can't be read."""
    try:
        yield
    except NoJsonError as error:
        fault = {"pointer": "", "detail": str(error)}
        raise Problem(400, "malformed-json", "The body is not valid JSON.", errors=[fault]) from None
    except FaultyTextError as error:
        faults = [_fault(one) for one in error.faults]
        raise Problem(422, "invalid-request", "The campaigns have faults.", errors=faults) from None


def _fault(fault: Fault) -> dict[str, str | int]:
    """The field as JSON Pointer, the rule that it breaks, and the line where the text is one that has lines."""
    told: dict[str, str | int] = {"pointer": fault.pointer, "detail": fault.rule}
    return told | {"line": fault.line} if fault.line else told


def insist_on(store_id: str, if_match: str | None, *, dry_run: bool) -> Callable[[Current], None]:
    """What holds a request to what it counts on: raises `Problem` 409, 412, 428."""

    def insist(current: Current) -> None:
        etag = f'"{current.version}"'
        if current.source == "file":
            detail = f"The file {store_id}.yaml of the service says what campaigns this store has."
            raise Problem(409, "campaigns-fixed", detail)
        if if_match is None:
            if current.own is not None and not dry_run:
                detail = "If-Match is needed: the store has campaigns of its own."
                raise Problem(428, "precondition-required", detail, etag=etag)
        elif not names(if_match, etag):
            raise Problem(412, "version-conflict", "The campaigns have changed since this version.", etag=etag)

    return insist
