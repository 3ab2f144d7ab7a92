"""A shopper that is a program: it reads pages, follows links by their words, and fills forms by ``autocomplete``.

It knows no field's name and no address but that of the start page.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Self
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import httpx


class Program:
    """One visitor with cookies of its own.

    :param facts: what it knows of itself, by the tokens that the HTML standard has for ``autocomplete``.
    :param patience: for how many seconds it sends again what got no answer, or "something went wrong".
    """

    def __init__(self, start: str, facts: Mapping[str, str], *, patience: float = 0) -> None:
        self.facts = dict(facts)
        self._patience = patience
        self._http = httpx.Client(follow_redirects=True, timeout=30)
        self._send("GET", start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    @property
    def path(self) -> str:
        return urlsplit(str(self.answer.url)).path

    @property
    def text(self) -> str:
        """What a person reads in the page's main part."""
        return _text(self._main)

    def follow(self, words: str) -> None:
        """Follow the first link whose text or label has these words."""
        self.go(self.find_link(lambda link: words in _name(link)))

    def go(self, url: str) -> None:
        self._send("GET", urljoin(str(self.answer.url), url))

    def find_link(self, is_wanted: Callable[[Element], bool]) -> str:
        links = (link for link in self.page.iter("a") if link.get("href") and is_wanted(link))
        link = next(links, None)
        assert link is not None, f"No such link on {self.path}: {self.text[:400]}"
        return str(link.get("href"))

    def submit(self, *, button: str = "") -> None:
        """Send the first form of the main part that posts and has a button of this name, filled in."""
        form = next((form for form in self._main.iter("form") if _posts(form) and button in _buttons(form)), None)
        assert form is not None, f"No such form on {self.path}: {self.text[:400]}"
        url = urljoin(str(self.answer.url), form.get("action") or str(self.answer.url))
        self._send("POST", url, _as_dict(self._fill(form)))

    def _fill(self, form: Element) -> Iterator[tuple[str, str]]:
        for field in form.iter():
            name, value = field.get("name"), field.get("value", "")
            if name is None or field.tag not in {"input", "select", "button"}:
                continue
            if field.tag == "button" or (field.get("type") in {"radio", "checkbox"} and "checked" not in field.attrib):
                continue
            yield name, self._known(field) or (_chosen(field) if field.tag == "select" else value)

    def _known(self, field: Element) -> str:
        # "shipping address-line1": the last word is the field, those before it say whose.
        return self.facts.get((field.get("autocomplete") or "").split(" ")[-1], "")

    def _send(self, method: str, url: str, content: dict[str, list[str]] | None = None) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self.answer = self._http.request(method, url, data=content)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if self.answer.status_code < 500:
                    break
                assert time.monotonic() < deadline, f"{self.answer.status_code} from {self.answer.url}"
            time.sleep(0.2)
        self._read()

    def _read(self) -> None:
        self.page = html5lib.parse(self.answer.text, namespaceHTMLElements=False)
        main = self.page.find(".//main")
        assert main is not None
        self._main = main


def _posts(form: Element) -> bool:
    return (form.get("method") or "get").lower() == "post"


def _buttons(form: Element) -> str:
    return " ".join(_name(button) for button in form.iter("button"))


def _chosen(select: Element) -> str:
    options = list(select.iter("option"))
    chosen = [option for option in options if "selected" in option.attrib] or options[:1]
    return chosen[0].get("value", "") if chosen else ""


def _name(element: Element) -> str:
    return element.get("aria-label") or _text(element)


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _as_dict(content: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in content:
        values.setdefault(name, []).append(value)
    return values
