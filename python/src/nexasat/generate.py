"""A synthetic extract of any size that behaves like the published one.

The same seed gives the same bytes on every machine and numpy: the only random numbers are
`Generator.random()` of PCG64, and what follows is integers. A row depends on the seed and its place
alone, so a smaller extract is the head of a larger one. Customers are dealt like cards: in each
7,043 there are as many of a kind as the recipe says, in random order, so that neither the id nor
the order tells who churned.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nexasat import generate_recipe as recipe
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate_recipe import COHORTS, HOUSEHOLDS
from nexasat.generate_rows import DECK, DRAWS, Flags, Integers, Rows, draw_rows
from nexasat.output_file import replacing, told_in_words

CHUNK = 7 * DECK  # customers held in memory at a time: 49,301

Texts = NDArray[np.bytes_]
Progress = Callable[[int], None]  # is told how many customers are done


def generate_extract(customers: int, seed: int) -> Iterator[bytes]:
    """The extract as CSV with a header and LF line ends, in pieces of at most `CHUNK` customers.

    Args:
        customers: how many rows; the ids run from NSat2001.
        seed: of PCG64, 0 or more.

    Raises:
        NexasatError: `customers` is below 1 or `seed` below 0.
    """
    if customers < 1 or seed < 0:
        raise NexasatError(
            f"cannot generate {customers} customers with seed {seed}",
            hint="ask for at least 1 customer, and a seed of 0 or more",
            exit_code=ExitCode.USAGE,
        )
    return _pieces(customers, np.random.Generator(np.random.PCG64(seed)))


def write_extract(path: Path, customers: int, seed: int, progress: Progress) -> None:
    """Writes the extract to a file, which appears whole or not at all.

    Args:
        path: an existing file is replaced; a device or pipe is written to as it is.
        customers: how many rows.
        seed: of PCG64, 0 or more.
        progress: called after each piece.

    Raises:
        NexasatError: the numbers are wrong (see `generate_extract`) or the file cannot be written.
    """
    pieces = generate_extract(customers, seed)
    with told_in_words(str(path)), replacing(path) as file:
        _copy(pieces, file, progress)


def stream_extract(file: BinaryIO, customers: int, seed: int, progress: Progress) -> None:
    """Writes the extract to an open file, such as standard output; as `write_extract` otherwise.

    Raises:
        BrokenPipeError: the reader has seen enough.
    """
    pieces = generate_extract(customers, seed)
    with told_in_words("the output"):
        _copy(pieces, file, progress)
        file.flush()


def _copy(pieces: Iterator[bytes], file: BinaryIO, progress: Progress) -> None:
    """Writes the pieces and tells after each how many customers are done."""
    lines = -1  # the header is no customer
    for piece in pieces:
        file.write(piece)
        lines += piece.count(b"\n")
        progress(lines)


def _pieces(customers: int, rng: np.random.Generator) -> Iterator[bytes]:
    """The header with the first rows, then the other rows, `CHUNK` at a time."""
    piece = ",".join(recipe.COLUMNS).encode() + b"\n"
    for first in range(0, customers, CHUNK):
        wanted = min(CHUNK, customers - first)
        decks = -(-wanted // DECK)
        draws = rng.random((decks * DECK, DRAWS))  # a line per customer, whatever the chunk
        rows = draw_rows(draws.T, wanted)
        yield piece + to_text(
            np.arange(first, first + wanted) + recipe.FIRST_ID, rows, is_churned(rows)
        )
        piece = b""


# --- Numbers to text ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Words:
    """The text of each value, with the comma or line end after it."""

    person: Texts
    minutes: Texts
    gigabytes: Texts
    plan: Texts  # by cohort
    bill: Texts
    tenure: Texts
    rest: Texts  # by add-ons times two, plus one for churned


@cache
def _words() -> _Words:
    """The texts, made once."""
    flag = ("No", "Yes")
    return _Words(
        person=np.array(
            [
                f",{gender},{flag[home.partner]},{flag[home.dependents]},{home.senior:d},".encode()
                for home, gender in product(HOUSEHOLDS, ("Female", "Male"))
            ]
        ),
        minutes=_numbers(max(high for c in COHORTS for _, high, _ in c.minutes), _whole),
        gigabytes=_numbers(max(high for c in COHORTS for _, high, _ in c.gigabytes), _hundredths),
        plan=np.array([",".join((*cohort.plan.label, "")).encode() for cohort in COHORTS]),
        bill=_numbers(recipe.HIGHEST_BILL, _hundredths),
        tenure=_numbers(recipe.LONGEST_TENURE + recipe.MOST_MONTHS, _whole),
        rest=np.array(
            [
                f"{flag[line]},{flag[support]},{churned}\n".encode()
                for support, line, churned in product((0, 1), repeat=3)
            ]
        ),
    )


def _numbers(highest: int, to_text: Callable[[int], str]) -> Texts:
    """The texts of 0 to `highest`, each with a comma."""
    return np.array([f"{to_text(number)},".encode() for number in range(highest + 1)])


def _whole(number: int) -> str:
    """For instance '126'."""
    return str(number)


def _hundredths(number: int) -> str:
    """For instance '126', '314.8' or '8.36': no zeros at the end."""
    whole, part = divmod(number, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)


def is_churned(rows: Rows) -> Flags:
    """Who belongs to a cohort of churned customers."""
    return np.array([cohort.churned for cohort in COHORTS])[rows.cohort]


def to_text(ids: Integers, rows: Rows, churned: Flags) -> bytes:
    """The rows as lines of CSV, with ids that rise."""
    if not len(ids):
        return b""
    words = _words()
    parts: tuple[Texts, ...] = (
        np.array([b"NSat"] * len(churned)),
        ids.astype(f"S{len(str(ids[-1]))}"),
        words.person[rows.person],
        words.minutes[rows.minutes],
        words.gigabytes[rows.gigabytes],
        words.plan[rows.cohort],
        words.bill[rows.bill],
        words.tenure[rows.tenure],
        words.rest[rows.add_ons * 2 + churned],
    )
    # Columns of fixed width side by side, then without the zero bytes that fill them up.
    table = np.empty(len(churned), dtype=[("", part.dtype) for part in parts])
    for name, part in zip(table.dtype.names or (), parts, strict=True):
        table[name] = part
    return table.tobytes().translate(None, b"\0")
