"""`--mapping FILE`: how the columns and values of a file are named here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from nexasat.errors import NexasatError
from nexasat.extract_faults import bad_file, reading
from nexasat.generate_recipe import COLUMNS

KEYS = {
    "columns": "column here: column of the file",
    "values": "column here: {value of the file: value here}",
    "constants": "column here: one value for all rows",
    "ignore": "a list of columns of the file",
}


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says; every value is text.

    Attributes:
        path: the mapping file.
        sha256: its fingerprint.
        columns: for a column here, the one of the file.
        values: for a column here, its values in the file and here; others stay as they are.
        constants: for a column here, the value of all rows.
        ignore: columns of the file that are left out.
    """

    path: Path
    sha256: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    ignore: Sequence[str] = ()


def read_mapping(path: Path) -> ColumnMapping:
    """Reads a mapping file.

    Raises:
        NexasatError: it cannot be read, or a key of it makes no sense (exit code 3).
    """
    with reading(path):
        content = path.read_bytes()
    try:
        found = yaml.load(content, _Loader) or {}  # noqa: S506  a loader of text, lists, mappings
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML in UTF-8"
        raise _bad(f"{path}{where}: {problem}") from error
    if not isinstance(found, dict):
        raise _bad(f"{path}: a mapping of the keys {', '.join(KEYS)} is needed")
    for key in found:
        if key not in KEYS:
            raise _bad(f"{path}: unknown key {key!r}")
    for key in ("columns", "values", "constants"):
        _check(path, key, found.get(key, {}), dict if key == "values" else str)
    both = sorted(set(found.get("columns", {})) & set(found.get("constants", {})))
    if both:
        raise _bad(f"{path}: {both[0]} is in columns and in constants")
    for name in sorted(set(found.get("values", {})) & set(found.get("constants", {}))):
        raise _bad(f"{path}: values.{name}: {name} is a constant")
    ignore = found.get("ignore", [])
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        raise _bad(f"{path}: ignore must be {KEYS['ignore']}")
    return ColumnMapping(path=path, sha256=hashlib.sha256(content).hexdigest(), **found)


def _check(path: Path, key: str, entries: object, kind: type) -> None:
    """Refuses columns that do not exist here, and entries of another kind."""
    if not isinstance(entries, dict):
        raise _bad(f"{path}: {key} must be {KEYS[key]}")
    for name, entry in entries.items():
        if name not in COLUMNS:
            raise _bad(f"{path}: {key}.{name}: there is no column {name} here")
        texts = entry.values() if isinstance(entry, dict) else [entry]
        if not isinstance(entry, kind) or not all(isinstance(text, str) for text in texts):
            raise _bad(f"{path}: {key}.{name} must be {KEYS[key]}")


def _bad(message: str) -> NexasatError:
    keys = "; ".join(f"{key} ({meaning})" for key, meaning in KEYS.items())
    return bad_file(message, f"the keys are {keys}; the columns here are {', '.join(COLUMNS)}")


class _Loader(yaml.BaseLoader):  # type: ignore[misc]
    """Reads every value as text, so that Yes stays Yes; a key must not come twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, object]:
        """The entries."""
        names = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in names[:place]:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} comes twice", problem_mark=key.start_mark
                )
        found: dict[str, object] = super().construct_mapping(node, deep)
        return found
