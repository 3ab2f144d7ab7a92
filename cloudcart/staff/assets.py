"""Where the admin's own files are, as unfold asks for them: by a function, since addresses carry a hash."""

from django.http import HttpRequest
from django.templatetags.static import static


def tokens(request: HttpRequest) -> str:
    return static("css/admin-tokens.css")


def styles(request: HttpRequest) -> str:
    return static("css/admin.css")


def fonts(request: HttpRequest) -> str:
    return static("css/fonts.css")


def scripts(request: HttpRequest) -> str:
    return static("js/admin.js")


def favicon(request: HttpRequest) -> str:
    return static("img/favicon.svg")
