"""A visitor of the deployed shop: requests as CloudFront passes them to API Gateway, cookies, and forms."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from http.client import HTTPMessage

from cloudcart.local.rehearsal.steps import RehearsalFailed, expect

_REDIRECTS = {301, 302, 303}


@dataclass(frozen=True)
class Page:
    """An answer, after its redirects."""

    path: str
    status: int
    text: str
    headers: HTTPMessage

    @property
    def links(self) -> list[str]:
        return _read(self.text).links

    @property
    def assets(self) -> list[str]:
        """Addresses of styles, scripts, fonts and pictures."""
        return _read(self.text).assets

    def form(self, action: str) -> dict[str, str]:
        """Give what the form that posts to this path has in its fields.

        :raises RehearsalFailed: if there is none.
        """
        forms = _read(self.text).forms
        found = next((fields for target, fields in forms if urllib.parse.urlsplit(target).path in {action, ""}), None)
        if found is None:
            raise RehearsalFailed(f"{self.path} has no form for {action}.")
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Visitor:
    """A browser's part: it keeps cookies and follows redirects.

    :param base: the API's address on this machine, with its stage.
    :param host: the shop's own, which CloudFront tells the function.
    """

    base: str
    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, status: int = 200) -> Page:
        """:raises RehearsalFailed: if the answer, after its redirects, has another status."""
        return self._visit("GET", path, None, status)

    def post(self, path: str, answers: Mapping[str, str], *, status: int = 200) -> Page:
        """:raises RehearsalFailed: if the answer, after its redirects, has another status."""
        return self._visit("POST", path, answers, status)

    def leave(self, path: str, answers: Mapping[str, str] | None = None) -> str:
        """Open a path, or post a form, that leads to another site; gives the address there.

        :raises RehearsalFailed: if it leads nowhere else.
        """
        page = self._send("GET" if answers is None else "POST", path, answers)
        for _ in range(5):
            if page.status not in _REDIRECTS:
                break
            if not self._is_own(page.headers["Location"]):
                return str(page.headers["Location"])
            page = self._send("GET", page.headers["Location"], None)
        raise RehearsalFailed(f"{path} leads to {page.path} ({page.status}) and not to another site.")

    def is_there(self, path: str) -> bool:
        """Whether a path leads to something, here or elsewhere, and not to an error."""
        return self._send("GET", path, None).status < HTTPStatus.BAD_REQUEST

    def _is_own(self, url: str) -> bool:
        return urllib.parse.urlsplit(url).netloc in {"", self.host}

    def _visit(self, method: str, path: str, answers: Mapping[str, str] | None, status: int) -> Page:
        page = self._send(method, path, answers)
        for _ in range(5):
            if page.status not in _REDIRECTS:
                break
            page = self._send("GET", page.headers["Location"], None)
        if page.status != status:
            raise RehearsalFailed(f"{method} {path} answers {page.status} instead of {status}: {page.text[:300]}")
        return page

    def _send(self, method: str, url: str, answers: Mapping[str, str] | None) -> Page:
        parts = urllib.parse.urlsplit(url)
        expect(self._is_own(url), f"The shop leads away to {url}.")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        body = urllib.parse.urlencode(answers).encode() if answers is not None else None
        request = urllib.request.Request(self.base + path, body, self._headers(), method=method)
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        try:
            answer = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self._keep_cookies(answer.headers)
            return Page(path, answer.status, answer.read().decode(errors="replace"), answer.headers)

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-Host": self.host,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "203.0.113.9, 130.176.0.1",
        }

    def _keep_cookies(self, headers: HTTPMessage) -> None:
        names = []
        for cookie in headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            names.append(name)
            if value and value != '""' and "Max-Age=0" not in cookie:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        expect(len(names) == len(set(names)), f"A cookie was set twice: {names}")


class _read(HTMLParser):  # noqa: N801 (used as a function)
    """Links, assets and forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.assets: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in {"script", "img"} and "src" in given:
            self.assets.append(given["src"])
        if tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload"}:
            self.assets.append(given["href"])
        if tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append((given.get("action", ""), {}))
        if tag in {"input", "button"} and given.get("name") and self.forms:
            self._note_field(given)

    def _note_field(self, given: Mapping[str, str]) -> None:
        if given.get("type") not in {"radio", "checkbox"} or "checked" in given:
            self.forms[-1][1].setdefault(given["name"], given.get("value", ""))
