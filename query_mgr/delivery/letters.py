"""The HTML of a mail, made of its text, so that both always say the same. Pure; no picture, nothing that tracks.

A line that is an address becomes a button, named by the line before it up to its first semicolon or colon; an address at the
end of a "- " line is the link of that line. Readable on a phone, in the dark, and where a mail program drops style sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import escape

_URL = re.compile(r"https?://\S+")
_ITEM = re.compile(r"- (?P<text>.+?)(?:: (?P<url>https?://\S+))?")
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.5"
_BUTTON = (
    "display:inline-block;padding:12px 20px;border-radius:6px;background:#0b5394;color:#ffffff;font-weight:600;"
    "text-decoration:none"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; supported-color-schemes: light dark; }}
@media (prefers-color-scheme: dark) {{
body, .page {{ background: #15191e !important; }}
.letter {{ background: #1f252c !important; color: #e8eaed !important; }}
.letter a {{ color: #9ec5fe !important; }}
.letter a.button {{ background: #9ec5fe !important; color: #10151a !important; }}
}}
</style>
</head>
<body style="margin:0;padding:0;background:#f3f4f6">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6">
<tr><td align="center" style="padding:16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px">
<tr><td class="letter" style="padding:20px;border-radius:8px;background:#ffffff;color:#1f2328;{font}">
{body}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""


def as_html(text: str, title: str) -> str:
    """Return `text` as an HTML mail. title: what a screen reader says first."""
    body = "\n".join(_blocks(text.strip().splitlines()))
    return _PAGE.format(title=escape(title), font=_FONT, body=body)


def _blocks(lines: list[str]) -> Iterator[str]:
    """Yield paragraphs, lists and buttons in order."""
    paragraph: list[str] = []
    items: list[str] = []
    last = ""
    for line in [*(one.strip() for one in lines), ""]:
        item = _ITEM.fullmatch(line)
        is_link = _URL.fullmatch(line) is not None
        if items and not item:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if paragraph and (not line or item or is_link):
            yield f'<p style="margin:0 0 16px">{"<br>".join(paragraph)}</p>'
            paragraph = []
        if item:
            items.append(_item(item["text"], item["url"]))
        elif is_link:
            yield f'<p style="margin:0 0 16px"><a class="button" href="{escape(line)}" style="{_BUTTON}">{_label(last)}</a></p>'
        elif line:
            paragraph.append(str(escape(line)))
        last = line or last


def _item(text: str, url: str | None) -> str:
    return f'<li><a href="{escape(url)}">{escape(text)}</a></li>' if url else f"<li>{escape(text)}</li>"


def _label(line: str) -> str:
    """Return what a button says: the beginning of the sentence that leads to it."""
    return str(escape(re.split("[;:]", line)[0].strip() or "Open"))
