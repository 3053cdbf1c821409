"""Reads a YAML file that people write, and says where it is wrong: file, line, field, rule; never a value."""

from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

MOST_BYTES = 1_000_000

M = TypeVar("M", bound=BaseModel)
Stamp = tuple[int, int, int]
"""What changes with a file: time of its last change (ns), size (bytes), inode."""


class FileFaultError(ValueError):
    """A file that can't be used; each line of the message names file, line and field."""


def stamps(paths: Iterable[Path]) -> dict[str, Stamp]:
    """The stamps of files by name without suffix; what is gone meanwhile is left out."""
    found = {}
    for path in paths:
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found[path.stem] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found


class _Loader(yaml.SafeLoader):
    """YAML without what surprises: a key that stands twice, anchors."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401 - as the base class
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.constructor.ConstructorError(None, None, "anchors and aliases are not supported", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def load(path: Path, kind: type[M]) -> M:
    """What a file says, as `kind`. Raises `FileFaultError`, also when it can't be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileFaultError(f"{path.name}: larger than {MOST_BYTES} bytes")
        return parse(path.read_text(encoding="utf-8"), path.name, kind)
    except (OSError, UnicodeDecodeError) as error:
        raise FileFaultError(f"{path.name}: {_why(error)}") from None


def parse(text: str, name: str, kind: type[M]) -> M:
    """What a text says, as `kind`. Raises `FileFaultError`; `name` is what the message calls the file."""
    try:
        node, document = _document(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileFaultError(f"{name}:{line}: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise FileFaultError(f"{name}: {error}") from None
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise FileFaultError("\n".join(_fault(name, node, e) for e in faults)) from None


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "not UTF-8"


def _document(text: str) -> tuple[yaml.Node, Any]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise ValueError("the file is empty")
        return node, loader.construct_document(node)
    finally:
        loader.dispose()


def _fault(name: str, root: yaml.Node, error: Any) -> str:  # noqa: ANN401 - a typed dict of pydantic's
    line, fields = _place(root, error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}:{line}: {'.'.join(fields)}: {message}" if fields else f"{name}:{line}: {message}"


def _place(node: yaml.Node, location: tuple[int | str, ...]) -> tuple[int, list[str]]:
    """The line (from 1) and the path of fields at which a location of pydantic's stands, as far as the file has it."""
    line, fields = node.start_mark.line + 1, []
    for part in location:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
            fields.append(str(part + 1))
        elif isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == part), None)
            if found is not None:
                line, node = found[0].start_mark.line + 1, found[1]
                fields.append(str(part))
            elif part != _tag(node):
                fields.append(str(part))
    return line, fields


def _tag(node: yaml.MappingNode) -> str | None:
    """The `kind` of a member of a union: pydantic puts it into locations although it is no level of the file."""
    return next((str(v.value) for k, v in node.value if k.value == "kind"), None)
