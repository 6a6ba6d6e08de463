"""Reads a header: which delimiter, and which column of ours is where."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from nexasat.column_mapping import ColumnMapping
from nexasat.extract_faults import bad_file

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LONGEST_NAME = 40  # characters of a strange column name that are shown
MOST_NAMES = 50  # strange column names that are shown
NO_VALUES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Header:
    """What the columns of a file mean.

    Attributes:
        columns: ours, in the order in which their fields are given.
        fields: for each the place in the file's record, None for a constant.
        constants: for each the value when it has no place.
        values: for each what to write instead of a value.
        names: the columns of the file.
    """

    columns: tuple[str, ...]
    fields: tuple[int | None, ...]
    constants: tuple[str, ...]
    values: tuple[Mapping[str, str], ...]
    names: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """True when the fields of a record are those of ours, in the order of `columns`."""
        return self.fields == tuple(range(len(self.names))) and not any(self.values)

    def picker(self) -> Callable[[list[str]], list[str]]:
        """A function that makes the fields of ours from a record of the file."""
        constants = list(self.constants)  # they stand behind the record's own fields
        places = [
            len(self.names) + number if place is None else place
            for number, place in enumerate(self.fields)
        ]
        get = itemgetter(*places)
        mapped = [(number, values) for number, values in enumerate(self.values) if values]

        def pick(record: list[str]) -> list[str]:
            picked = list(get(record + constants))
            for number, values in mapped:
                text = picked[number]
                picked[number] = values.get(text.strip(), text)
            return picked

        return pick


def find_delimiter(block: bytes, wanted: Sequence[str], mapping: ColumnMapping | None) -> str:
    """The delimiter with which the first line that is not blank has most of the wanted columns."""
    line = next((line.decode() for line in block.splitlines() if line.strip()), "")
    known = {_normal(name) for name in (*wanted, *(mapping.columns.values() if mapping else ()))}

    def found(delimiter: str) -> int:
        return len(known & {_normal(field.strip(' "')) for field in line.split(delimiter)})

    return max(DELIMITERS, key=found)


def match_header(
    path: Path,
    line: int,
    names: Sequence[str],
    wanted: Sequence[str],
    mapping: ColumnMapping | None,
) -> Header:
    """What the columns of a header mean.

    Args:
        path: the file.
        line: where the header is.
        names: in any case, with spaces around, and with spaces or dashes for underscores.
        wanted: the columns of ours.
        mapping: other names for them, and what to do without.

    Raises:
        NexasatError: columns are missing, unexpected or named twice.
    """
    rules = mapping or ColumnMapping(path)
    found = [_normal(name) for name in names]
    counts = Counter(found)
    sources = {
        column: _normal(rules.columns.get(column, column))
        for column in wanted
        if column not in rules.constants
    }
    for column, name in rules.columns.items():
        if _normal(name) not in counts:
            raise bad_file(
                f"{rules.path}: columns.{column}: {path} has no column {name!r}",
                f"its header, on line {line}, is {_some(map(repr, names))}",
            )
    used = {*sources.values(), *map(_normal, rules.ignore)}
    strange = {
        repr(name[:LONGEST_NAME]) if name.strip() else f"no name for column {place}": None
        for place, name in enumerate(names, 1)
        if found[place - 1] not in used
    }
    faults = {
        "missing": [column for column, name in sources.items() if name not in counts],
        "unexpected": list(strange),
        "twice or more": [name for column, name in sources.items() if counts[name] > 1],
    }
    if any(faults.values()):
        told = "; ".join(f"{fault}: {_some(which)}" for fault, which in faults.items() if which)
        raise bad_file(
            f"{path}, line {line}: the header does not fit: {told}",
            _way_out(line, faults, wanted, mapping),
        )
    # in the order of the file, so that records can go through as they are
    order = sorted(wanted, key=lambda name: found.index(sources[name]) if name in sources else -1)
    return Header(
        columns=tuple(order),
        fields=tuple(found.index(sources[name]) if name in sources else None for name in order),
        constants=tuple(rules.constants.get(name, "") for name in order),
        values=tuple(rules.values.get(name, NO_VALUES) for name in order),
        names=tuple(names),
    )


def _way_out(
    line: int,
    faults: Mapping[str, Sequence[str]],
    wanted: Sequence[str],
    mapping: ColumnMapping | None,
) -> str:
    if mapping is not None and not mapping.sha256:
        return f"line {line} must name the columns as nexasat rejects --export wrote them"
    if mapping is None:
        return (
            f"line {line} must name these {len(wanted)} columns once each, in any order: "
            f"{','.join(wanted)}; other names and columns: --mapping FILE"
        )
    ways = [f"columns.{name} or constants.{name}" for name in faults["missing"]]
    ways += ["ignore, for columns that are not needed"] if faults["unexpected"] else []
    return f"add to {mapping.path}: {'; '.join(ways)}" if ways else "name each column once"


def _normal(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return ", ".join(listed[:MOST_NAMES]) + more
