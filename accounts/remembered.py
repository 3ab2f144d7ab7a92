"""The e-mail address that a visitor typed, carried from sign-up over the code to sign-in.

In a signed cookie for an hour: no session has to be stored for a visitor who is not signed in, and an
address in a URL would end up in logs.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "account_email"
_SALT = "cloudcart.accounts.email"
_PATH = "/accounts/"
_LIFETIME_SECONDS = 60 * 60


def find_email(request: HttpRequest) -> str:
    """Give the remembered address, or an empty text; a forged or old cookie counts as none."""
    return request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_LIFETIME_SECONDS) or ""


def remember_email(response: HttpResponse, email: str) -> None:
    """Have the browser carry the address to the next account page."""
    response.set_signed_cookie(
        COOKIE,
        email,
        salt=_SALT,
        max_age=_LIFETIME_SECONDS,
        path=_PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


def forget_email(response: HttpResponse) -> None:
    """Take the address from the browser: it is signed in, or somebody else may be next."""
    response.delete_cookie(COOKIE, path=_PATH, samesite="Lax")
