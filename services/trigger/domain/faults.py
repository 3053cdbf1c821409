"""What is wrong in a part of a campaign file, all of it at once and each with its place. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Place = tuple[int | str, ...]


class Fault(NamedTuple):
    """The rule that is broken, and where: fields and places in lists (from 0), from the outside in."""

    place: Place
    rule: str


def tried(read: Callable[[Any], Any], said: Any) -> tuple[Any, ValidationError | None]:  # noqa: ANN401 - whatever it is
    """What is read of what somebody says, or what is wrong with it."""
    try:
        return read(said), None
    except ValidationError as error:
        return None, error


def refuse(faults: Iterable[Fault], beside: ValidationError | None = None) -> None:
    """Raises `ValidationError` with all that is wrong, and what was found `beside` it; nothing where all is well."""
    found = beside.errors(include_url=False) if beside is not None else []
    told = [_detail(one["loc"], one["type"], one["msg"], one["input"]) for one in found]
    told += [_detail(fault.place, "rule", fault.rule, None) for fault in faults]
    if told:
        raise ValidationError.from_exception_data("campaigns", told) from None


def twice(said: Any, what: str) -> Iterator[Fault]:  # noqa: ANN401 - whatever the file holds
    """Each of the things of a list that has the `name` of one before it."""
    names = set[str]()
    for number, one in enumerate(said if isinstance(said, list | tuple) else ()):
        name = one.get("name") if isinstance(one, Mapping) else getattr(one, "name", None)
        if isinstance(name, str) and name in names:
            yield Fault((number, "name"), f"two {what} are named {name}")
        elif isinstance(name, str):
            names.add(name)


def _detail(place: Place, kind: str, said: str, given: object) -> InitErrorDetails:
    # as a context the words are taken as they are, whatever stands in braces
    return InitErrorDetails(type=PydanticCustomError(kind, "{said}", {"said": said}), loc=place, input=given)
