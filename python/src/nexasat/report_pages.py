"""What the report's pages have around their charts: a heading, links, and what the words mean."""

import re
from collections.abc import Mapping, Sequence
from html import escape

STYLE = """
body{max-width:1240px;margin:0 auto!important;color:#222}
.nexasat{font:15px/1.5 "Inter Variable",Inter,system-ui,sans-serif;padding:12px 50px}
.nexasat nav a{display:inline-block;padding:6px 14px 6px 0;color:#0B5394}
.nexasat nav a[aria-current]{color:#222;font-weight:600;text-decoration:none}
.nexasat h1{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.nexasat h2{font-size:18px;margin:24px 0 8px}
.nexasat dl{columns:2 420px;column-gap:40px}
.nexasat dt{font-weight:600}.nexasat dd{margin:0 0 10px;break-before:avoid}
.nexasat a{color:#0B5394}
@media(max-width:700px){.nexasat{padding:8px 16px}.nexasat dl{columns:1}}
"""

Links = Sequence[tuple[str, str]]  # (file, words)


def dress(
    page: str, *, title: str, here: str, pages: Links, more: Links, words: Mapping[str, str]
) -> str:
    """A page as dct writes it, made whole: language, heading, navigation, definitions.

    Args:
        page: HTML of a board.
        title: of the board.
        here: file name of the page.
        pages: the pages of the report.
        more: what else belongs to it: docs, lists.
        words: what each column is that the board reads.
    """
    head = [
        '<header class="nexasat"><nav aria-label="Pages">',
        *(
            f'<a href="{escape(file)}"{" aria-current=page" * (file == here)}>{escape(text)}</a>'
            for file, text in pages
        ),
        "</nav></header>",
        f'<main><div class="nexasat"><h1>{escape(title)}</h1></div>',
    ]
    foot = [
        '</main><footer class="nexasat">',
        "<h2>What the words mean</h2><dl>",
        *(f"<dt>{escape(name)}</dt><dd>{_marked(text)}</dd>" for name, text in words.items()),
        "</dl>",
        "<h2>More</h2><ul>",
        *(f'<li><a href="{escape(file)}">{escape(text)}</a></li>' for file, text in more),
        "</ul></footer>",
    ]
    # the time of rendering is not that of the data, and would make equal reports differ
    page = re.sub(r' data-rendered-at="[^"]*"', "", page)
    page = page.replace("<html>", '<html lang="en">', 1)
    page = page.replace("</head>", f"<style>{STYLE}</style></head>", 1)
    page = page.replace("<body>", "<body>" + "".join(head), 1)
    start, end = page.rsplit("</body>", 1)
    return start + "".join(foot) + "</body>" + end


def _marked(text: str) -> str:
    """Text with `code` in it as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text.strip(), quote=False))
