"""CSV that no spreadsheet program runs."""

import csv
import io
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_rows(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV in UTF-8; text that begins like a formula gets an apostrophe in front."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_harmless, row) for row in rows)
    return text.getvalue().encode()


def looks_like_a_formula(text: str) -> bool:
    """True for what a spreadsheet program would run, and for that with apostrophes in front."""
    return text.lstrip("'").startswith(FORMULA_STARTS)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and looks_like_a_formula(value) else value
