"""Pictures come from the internet and from nowhere else, whatever an address looks like."""

import ipaddress
from itertools import count

import pytest

from catalog.images import UPLOAD_BYTES
from catalog.spreadsheets.fetching import UnfetchablePicture, fetch_picture, is_public
from tests.catalog.spreadsheets.picture_host import PictureHost, picture


def test_a_picture_is_fetched_under_the_name_of_its_host(picture_host: PictureHost) -> None:
    url = picture_host.put("/mug.jpg?v=1", b"bytes")

    assert fetch_picture(url, allowed={picture_host.name}) == b"bytes"
    assert picture_host.asked == [("/mug.jpg?v=1", picture_host.name)]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://localhost/a.jpg",
        "http://127.1/a.jpg",
        "http://2130706433/a.jpg",
        "http://0x7f.1/a.jpg",
        "http://0.0.0.0/a.jpg",
        "http://[::1]/a.jpg",
        "http://[::]/a.jpg",
        "http://[::ffff:127.0.0.1]/a.jpg",
        "http://[::ffff:a9fe:a9fe]/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[fe80::1]/a.jpg",
        "http://10.1.2.3/a.jpg",
        "https://172.16.0.1/a.jpg",
        "http://192.168.1.1/a.jpg",
        "http://100.64.0.1/a.jpg",
        "http://224.0.0.1/a.jpg",
        "http://[64:ff9b::7f00:1]/a.jpg",
        "http://[2002:7f00:1::]/a.jpg",
    ],
)
def test_an_internal_address_is_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(UnfetchablePicture, match="not a host of the public internet"):
        fetch_picture(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "https:// and http:// only"),
        ("ftp://pictures.example/a.jpg", "https:// and http:// only"),
        ("gopher://127.0.0.1/", "https:// and http:// only"),
        ("http:///a.jpg", "https:// and http:// only"),
        ("http://user:secret@pictures.example/a.jpg", "user name"),
        ("http://8.8.8.8:6379/", "usual ports"),
        ("http://8.8.8.8:99999/", "no address"),
        ("http://" + "a" * 80 + ".example/a.jpg", "no address"),
        ("http://no-such-host.invalid/a.jpg", "no host called"),
    ],
)
def test_what_is_no_address_of_a_picture_is_refused(url: str, words: str) -> None:
    with pytest.raises(UnfetchablePicture, match=words):
        fetch_picture(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("::ffff:8.8.8.8", True), ("64:ff9b::a00:1", False)],
)
def test_addresses_of_the_internet_are_told_from_others(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_a_redirect_is_followed_and_checked_again(picture_host: PictureHost) -> None:
    picture_host.put("/there.jpg", b"bytes")
    to_friend = picture_host.put("/here.jpg", b"", status=302, Location="/there.jpg")
    to_inside = picture_host.put("/trap.jpg", b"", status=302, Location="http://169.254.169.254/latest/meta-data/")
    to_file = picture_host.put("/file.jpg", b"", status=301, Location="file:///etc/passwd")

    assert fetch_picture(to_friend, allowed={picture_host.name}) == b"bytes"
    with pytest.raises(UnfetchablePicture, match="public internet"):
        fetch_picture(to_inside, allowed={picture_host.name})
    with pytest.raises(UnfetchablePicture, match="only"):
        fetch_picture(to_file, allowed={picture_host.name})


def test_a_circle_of_redirects_ends(picture_host: PictureHost) -> None:
    url = picture_host.put("/round.jpg", b"", status=307, Location="/round.jpg")

    with pytest.raises(UnfetchablePicture, match="more than 4 times"):
        fetch_picture(url, allowed={picture_host.name})
    assert len(picture_host.asked) == 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 404}, "answered 404"),
        ({"status": 500}, "answered 500"),
        ({"kind": "text/html; charset=utf-8"}, "no picture at this address, but text/html"),
        ({"Content_Length": str(UPLOAD_BYTES + 1)}, "larger than 20 MB"),
        ({"Content_Length": "50"}, "broke off"),
    ],
)
def test_other_answers_than_a_picture_are_told(picture_host: PictureHost, answer: dict[str, str], words: str) -> None:
    url = picture_host.put("/a.jpg", b"x" * 20, **answer)  # type: ignore[arg-type]

    with pytest.raises(UnfetchablePicture, match=words):
        fetch_picture(url, allowed={picture_host.name})


def test_a_host_that_says_no_length_is_stopped_at_the_limit_and_in_time(picture_host: PictureHost) -> None:
    endless = picture_host.put("/endless.jpg", b"x" * (UPLOAD_BYTES + 70_000), Transfer_Encoding="identity")
    slow = picture_host.put("/slow.jpg", picture(size=(900, 900)) * 30)

    with pytest.raises(UnfetchablePicture, match="larger than 20 MB"):
        fetch_picture(endless, allowed={picture_host.name})
    with pytest.raises(UnfetchablePicture, match="too slowly"):
        fetch_picture(slow, allowed={picture_host.name}, clock=count(step=15).__next__)
