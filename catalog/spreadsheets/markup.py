"""From the HTML that other shops keep their descriptions in to plain text with paragraphs. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_PARAGRAPHS = {"p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"}
_LINES = {"br", "li", "tr", "dt", "dd", "hr"}
_UNSEEN = {"script", "style", "head", "template", "noscript", "iframe", "svg"}
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")


def to_text(markup: str, *, keeps_lines: bool = False) -> str:
    """What a person reads of some HTML: paragraphs, list items as “• …”, no tags, no scripts.

    :param keeps_lines: line breaks of the source count, as WordPress takes them.
    """
    if not _TAG.search(markup) and "&" not in markup:
        return _tidy(markup)
    parser = _Reader(keeps_lines=keeps_lines or not _TAG.search(markup))
    parser.feed(markup)
    parser.close()
    return _tidy("".join(parser.parts))


class _Reader(HTMLParser):
    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._keeps_lines = keeps_lines
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n• " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            self._unseen.remove(tag)
        elif tag in _PARAGRAPHS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data if self._keeps_lines else re.sub(r"\s+", " ", data))


def _tidy(text: str) -> str:
    lines = [re.sub(r"[ \t\f\v\u00a0]+", " ", line).strip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line != "•")).strip()
