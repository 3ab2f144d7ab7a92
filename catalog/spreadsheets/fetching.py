"""Fetch a picture from an address that somebody wrote into a file: from the internet, and from nowhere else.

The host is looked up here, its addresses are checked, and the connection goes to one of those that were checked:
a name that means something else a moment later leads nowhere. Redirects are followed by the same rules.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from catalog.images import UPLOAD_BYTES
from cloudcart.errors import StorefrontError

MAX_REDIRECTS = 4
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
_PORTS = {"http": 80, "https": 443}
_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_AGENT = "CloudCart picture import"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnfetchablePicture(StorefrontError):
    """A picture cannot be fetched from its address; the sentence says why."""

    code = "unfetchable-picture"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True)
class _Target:
    """Where to connect: the name for the request and the certificate, and the address that was checked."""

    parts: SplitResult
    host: str
    port: int
    address: str


def fetch_picture(url: str, *, allowed: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> bytes:
    """Give the bytes behind an address, 20 MB at most, within some 20 seconds.

    :param allowed: internal hosts with ports ("127.0.0.1:8081") that are fetched from all the same; for tests.
    :raises UnfetchablePicture: if it is no public address, does not answer, or answers with anything else.
    """
    end = clock() + TOTAL_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        target = _aim(url, allowed)
        response = _request(target)
        try:
            if response.status in _REDIRECTS and response.headers.get("Location"):
                url = urljoin(url, response.headers["Location"])
                continue
            _check_head(response)
            return _read(response, end, clock)
        finally:
            response.release_conn()
            response.close()
    raise UnfetchablePicture(f"The address leads on to others more than {MAX_REDIRECTS} times.")


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet, also inside of IPv6: no private, loopback or link-local one."""
    inner = _unwrap(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrap(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo, or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.teredo:
        return address.teredo[1]
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or nat64


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _aim(url: str, allowed: Collection[str]) -> _Target:
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise UnfetchablePicture("This is no address of a picture.") from error
    if parts.scheme not in _PORTS or not host:
        raise UnfetchablePicture("Pictures are fetched by https:// and http:// only.")
    if parts.username is not None or parts.password is not None:
        raise UnfetchablePicture("An address with a user name or a password in it is not fetched.")
    if f"{host}:{port}" in allowed:
        return _Target(parts, host, port, host)
    if port != _PORTS[parts.scheme]:
        raise UnfetchablePicture("Pictures are fetched from the usual ports only, 443 and 80.")
    return _Target(parts, host, port, _resolve(host, port))


def _resolve(host: str, port: int) -> str:
    """Look a host up once; every address of it has to be public, and the first is connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnfetchablePicture(f"There is no host called {host[:80]}.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise UnfetchablePicture(f"{host[:80]} is not a host of the public internet, so nothing is fetched from it.")
    return str(addresses[0])


def _request(target: _Target) -> urllib3.BaseHTTPResponse:
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    path = urllib3.util.parse_url(target.parts.geturl()).request_uri
    is_default = target.port == _PORTS[target.parts.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    headers = {
        "Host": host if is_default else f"{host}:{target.port}",
        "User-Agent": _AGENT,
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    try:
        return _pool(target, timeout).request(
            "GET", path, headers=headers, redirect=False, retries=False, preload_content=False
        )
    except HTTPError as error:
        raise UnfetchablePicture(_explain(error)) from error


def _pool(target: _Target, timeout: urllib3.Timeout) -> urllib3.HTTPConnectionPool:
    if target.parts.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        target.address,
        target.port,
        timeout=timeout,
        maxsize=1,
        ssl_context=_tls(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _explain(error: HTTPError) -> str:
    if isinstance(error, urllib3.exceptions.SSLError):
        return "The host's certificate is not valid."
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "The host did not answer in time."
    return "The host could not be reached."


def _check_head(response: urllib3.BaseHTTPResponse) -> None:
    if response.status != HTTPStatus.OK:
        known = response.status in set(HTTPStatus)
        phrase = f" ({HTTPStatus(response.status).phrase})" if known else ""
        raise UnfetchablePicture(f"The host answered {response.status}{phrase}.")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and not kind.startswith("image/") and kind not in {"application/octet-stream", "binary/octet-stream"}:
        raise UnfetchablePicture(f"There is no picture at this address, but {kind[:60]}.")
    if int(response.headers.get("Content-Length") or 0) > UPLOAD_BYTES:
        raise UnfetchablePicture(_too_large())


def _read(response: urllib3.BaseHTTPResponse, end: float, clock: Callable[[], float]) -> bytes:
    body = bytearray()
    try:
        for chunk in response.stream(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > UPLOAD_BYTES:
                raise UnfetchablePicture(_too_large())
            if clock() > end:
                raise UnfetchablePicture("The host sends the picture too slowly.")
    except HTTPError as error:
        raise UnfetchablePicture("The host broke off in the middle of the picture.") from error
    return bytes(body)


def _too_large() -> str:
    return f"The picture is larger than {UPLOAD_BYTES // 1024 // 1024} MB."
