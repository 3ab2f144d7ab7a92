"""The signed-in session: what of Cognito's tokens it keeps, and who it says the visitor is."""

from django.conf import settings
from django.http import HttpRequest

from cloudcart.identity import Identity
from cloudcart.sessions import CUSTOMER_KEY


def find_identity(request: HttpRequest) -> Identity | None:
    """Give who the session belongs to, or None; without a session cookie nothing is read."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    customer_id = request.session.get(CUSTOMER_KEY)
    if not customer_id:
        return None
    return Identity(customer_id, request.session["email"], request.session.get("name", ""))
