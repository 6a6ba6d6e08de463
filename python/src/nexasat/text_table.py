"""Rows as a table of text."""

from collections.abc import Sequence


def text_table(
    header: list[str], rows: Sequence[Sequence[str]], *, has_figures: bool = True
) -> str:
    """Left-aligned first column, right-aligned figures or more words; nothing without rows."""
    if not rows:
        return ""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [row[0].ljust(widths[0])]
        aligned = str.rjust if has_figures else str.ljust
        cells += [aligned(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
