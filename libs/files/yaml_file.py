"""Reads a YAML file that people write, and says where it is wrong: `file:line: field: rule`; never a value.

What is wrong with the file as a whole is told of the field `file`, what is no YAML of the field `text`.
"""

import codecs
import stat
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

MOST_BYTES = 1_000_000
MOST_LEVELS = 20

M = TypeVar("M", bound=BaseModel)
Place = tuple[int | str, ...]
"""Where pydantic found something: names of fields and places in lists, from the outside in."""
Stamp = tuple[int, int, int]
"""What changes with a file: time of its last change (ns), size (bytes), inode."""


class FileFaultError(ValueError):
    """A file that can't be used; each line of the message names file, line and field."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a text: its line from 1 (0: unknown), the `field` with places from 1, the rule that it breaks.

    `pointer` is the same field as a JSON Pointer (RFC 6901).
    """

    line: int
    field: str
    rule: str
    pointer: str = ""


class FaultyTextError(ValueError):
    """A text that can't be used, with all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{one.line}: {one.field}: {one.rule}" for one in self.faults))


def stamps(folder: Path) -> dict[str, Stamp]:
    """The stamps of a folder's YAML files by name without suffix; what is gone meanwhile is left out.

    A file that can't be looked at has a stamp of its own, so that reading it says why. Raises `OSError` where the
    folder can't be read: that says nothing of its files.
    """
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix != ".yaml":
            continue
        # a name that is no UTF-8 can't be logged, nor be a metric's label
        name = path.stem.encode("utf-8", "backslashreplace").decode()
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        except OSError:
            found[name] = _UNKNOWN
        else:
            found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


_UNKNOWN: Stamp = (0, -1, 0)


class _Loader(yaml.SafeLoader):
    """YAML without what surprises: a key that stands twice, anchors, tags, depths that no person writes."""

    _level = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - as the base class
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused("anchors and aliases are not supported", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _refused("tags are not supported", event.start_mark)
        if self._level > MOST_LEVELS:
            raise _refused(f"nested more than {MOST_LEVELS} levels deep", event.start_mark)
        self._level += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._level -= 1

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401 - whatever the file holds
        try:
            return super().construct_object(node, deep)
        except yaml.YAMLError:
            raise
        except Exception:  # noqa: BLE001 - a date of month 13, a number of 5,000 digits: its words would tell the value
            raise _refused("a value that can't be read", node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _refused(rule: str, mark: yaml.Mark) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, rule, mark)


def load(path: Path, kind: type[M], known: Mapping[str, Any] | None = None) -> M:
    """What a file says, as `kind`; its checks may go by what is `known` besides. Raises `FileFaultError` and nothing
    else: one file's fault is never another's.
    """
    try:
        return parse(_text(path), path.name, kind, known)
    except OSError as error:
        raise FileFaultError(f"{path.name}:1: file: {error.strerror or type(error).__name__}") from None
    except FileFaultError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a check of the kind stumbles over
        raise FileFaultError(f"{path.name}:1: file: can't be used ({type(error).__name__})") from None


def parse(text: str, name: str, kind: type[M], known: Mapping[str, Any] | None = None) -> M:
    """What a text says, as `kind`. Raises `FileFaultError`; `name` is what the message calls the file."""
    try:
        return understand(text, kind, known)[1]
    except FaultyTextError as error:
        told = (f"{name}:{one.line}: {one.field}: {one.rule}" for one in error.faults)
        raise FileFaultError("\n".join(told)) from None


def understand(text: str, kind: type[M], known: Mapping[str, Any] | None = None) -> tuple[Any, M]:
    """What a YAML text says, as plain data and as `kind`; its checks may go by what is `known` besides (pydantic's
    context). Raises `FaultyTextError` with all faults at once.
    """
    try:
        node, document = _document(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FaultyTextError([Fault(line, "text", str(error.problem))]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FaultyTextError([Fault(line, "text", "holds a character that can't be printed")]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise FaultyTextError([Fault(1, "file", str(error))]) from None
    return document, validated(document, kind, node, known)


def validated(
    document: Any,  # noqa: ANN401 - whatever it holds
    kind: type[M],
    node: yaml.Node | None = None,
    known: Mapping[str, Any] | None = None,
) -> M:
    """Plain data as `kind`. Raises `FaultyTextError` with all faults at once; their lines are those of `node`."""
    try:
        return kind.model_validate(document, context=known)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        places = [one["loc"] for one in faults]
        real = [one for one in faults if not _follows_from_another(one, places)]
        raise FaultyTextError(_fault(document, node, one["loc"], one["msg"]) for one in real) from None


def fault_at(text: str, pointer: str, rule: str) -> Fault:
    """What somebody else has found at a JSON Pointer, where a YAML text that can be read has it."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    node, document = _document(text)
    return _fault(document, node, tuple(int(part) if part.isdecimal() else part for part in parts), rule)


def _text(path: Path) -> str:
    """A file's text. Raises `OSError`, `FileFaultError`."""
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
        raise FileFaultError(f"{path.name}:1: file: is no file")
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise FileFaultError(f"{path.name}:1: file: larger than {MOST_BYTES} bytes")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileFaultError(f"{path.name}:1: file: is UTF-16, not UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileFaultError(f"{path.name}:{line}: text: is not UTF-8") from None


def _document(text: str) -> tuple[yaml.Node, Any]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ValueError("is empty")
        return node, loader.construct_document(node)
    finally:
        loader.dispose()


def _fault(document: Any, node: yaml.Node | None, location: Place, message: str) -> Fault:  # noqa: ANN401 - as above
    path = _path(document, location)
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    line = 0 if node is None else _line(node, path)
    return Fault(line, field or "file", message.removeprefix("Value error, "), pointer)


def _follows_from_another(error: Any, places: Iterable[Place]) -> bool:  # noqa: ANN401 - a typed dict of pydantic's
    """Whether a list is too short only because what is wrong in it was left out."""
    place: Place = error["loc"]
    return error["type"] == "too_short" and any(one[: len(place)] == place != one for one in places)


def _path(document: Any, location: Place) -> Sequence[int | str]:  # noqa: ANN401 - whatever the text holds
    """The path of a location of pydantic's, as far as the document has it; a field that is missing ends it."""
    path: list[int | str] = []
    for part in location:
        if isinstance(document, list) and isinstance(part, int):
            path.append(part)
            document = document[part]
        elif isinstance(document, Mapping):
            if part in document:
                path.append(str(part))
                document = document[part]
            elif part != document.get("kind"):  # pydantic puts the `kind` of a member of a union into locations
                path.append(str(part))
    return path


def _line(node: yaml.Node, path: Sequence[int | str]) -> int:
    """The line (from 1) at which a path stands, as far as the text has it."""
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == part), None)
            if found is not None:
                line, node = found[0].start_mark.line + 1, found[1]
    return line
