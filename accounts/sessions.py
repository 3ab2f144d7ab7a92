"""The signed-in session: what of Cognito's tokens it keeps, and who it says the visitor is."""

import time
from dataclasses import replace
from datetime import datetime

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest

from accounts import cognito, services
from accounts.errors import AccountsUnavailable, SignedOut
from cloudcart import signals
from cloudcart.errors import StorefrontError
from cloudcart.identity import Identity
from cloudcart.sessions import CUSTOMER_KEY, revoke_sessions

logger = structlog.get_logger(__name__)

# The access token is renewed this long before its end, so that a call made with it still arrives in time.
REFRESH_MARGIN_SECONDS = 60
# While Cognito cannot be reached, a session goes on, and Cognito is asked again after this time.
RETRY_SECONDS = 60

_FACTOR_KEY = "has_second_factor"
_CHALLENGE_KEY = "challenge"


def find_identity(request: HttpRequest) -> Identity | None:
    """Give who the session belongs to, or None. The answer is kept for the rest of the request.

    One read of the session if there is a session cookie, else nothing. When the access token is about to
    expire it is renewed; if Cognito refuses (revoked, disabled, deleted), the visitor is a guest from here on.
    """
    if not hasattr(request, "_identity"):
        has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES
        _remember(request, _read_identity(request) if has_cookie else None)
        if has_cookie and request.session.get("refresh_at", float("inf")) <= time.time():
            _refresh(request)
    identity: Identity | None = request._identity  # type: ignore[attr-defined]
    return identity


def start_session(
    request: HttpRequest, granted: cognito.Tokens, *, now: datetime, has_second_factor: bool = False
) -> Identity:
    """Sign the visitor in, under a new session id; at the first sign-in the customer's item is made.

    :param has_second_factor: whether a code was asked for, and right.
    :raises AccountsUnavailable: if the tokens cannot be verified.
    """
    identity, expires_at = _verify(granted)
    before = find_identity(request)
    if before is not None and before.customer_id != identity.customer_id:
        end_session(request)
    _store(request, granted, identity, expires_at)
    request.session.pop(_CHALLENGE_KEY, None)
    identity = note_second_factor(request, identity, has_second_factor=has_second_factor)
    # A new id, so that one that somebody slipped to this browser before is worth nothing.
    request.session.cycle_key()
    _remember(request, identity)
    services.record_customer(identity, now=now)
    logger.info("customer.signed_in", customer_id=identity.customer_id)
    # Robust: trouble with what others do at a sign-in (it is logged) must not keep the person out.
    signals.customer_signed_in.send_robust(sender=None, request=request, customer_id=identity.customer_id)
    return identity


def note_second_factor(request: HttpRequest, identity: Identity, *, has_second_factor: bool) -> Identity:
    """Let the session know whether a code of the authenticator app was given, and give the identity that says so."""
    request.session[_FACTOR_KEY] = has_second_factor
    noted = replace(identity, has_second_factor=has_second_factor)
    _remember(request, noted)
    return noted


def keep_challenge(request: HttpRequest, *, email: str, challenge: str) -> None:
    """Remember in the session, and not in the browser, what Cognito wants back with the code."""
    request.session[_CHALLENGE_KEY] = {"email": email, "challenge": challenge}


def find_challenge(request: HttpRequest) -> tuple[str, str] | None:
    """Give the e-mail address and the challenge of a sign-in that waits for its code."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    kept = request.session.get(_CHALLENGE_KEY)
    return (kept["email"], kept["challenge"]) if kept else None


def end_session(request: HttpRequest) -> None:
    """Sign this device out and revoke its tokens."""
    identity = find_identity(request)
    if identity is None:
        return
    try:
        cognito.revoke(refresh_token=request.session["refresh_token"])
    except StorefrontError as error:
        # The session is what the shop believes, and it ends in any case.
        logger.warning("customer.revoke_failed", customer_id=identity.customer_id, reason=error.code)
    _flush(request, identity)


def end_all_sessions(request: HttpRequest) -> None:
    """Sign the customer out on every device: Cognito's tokens and the shop's sessions."""
    identity = find_identity(request)
    if identity is None:
        return
    try:
        cognito.sign_out_everywhere(access_token=request.session["access_token"])
    except StorefrontError as error:
        # The tokens lie in the sessions that are deleted next.
        logger.warning("customer.global_sign_out_failed", customer_id=identity.customer_id, reason=error.code)
    revoke_sessions(customer_id=identity.customer_id)
    _flush(request, identity)


def take_over(request: HttpRequest, *, email: str, password: str, now: datetime) -> Identity:
    """Sign in with a password that was set just now, and end every session from before, on all devices.

    Cognito leaves old tokens valid when a password changes; whoever knew the old one would stay in.

    :raises StorefrontError: if the sign-in fails; the old sessions may have ended already.
    """
    granted = cognito.sign_in(email=email, password=password)
    identity, _ = _verify(granted)
    cognito.sign_out_everywhere(access_token=granted.access_token)
    revoke_sessions(customer_id=identity.customer_id)
    return start_session(request, cognito.sign_in(email=email, password=password), now=now)


def get_access_token(request: HttpRequest) -> str:
    """Give the signed-in customer's access token, renewed if need be.

    :raises SignedOut: if nobody is signed in (any more).
    """
    if find_identity(request) is None:
        raise SignedOut
    return str(request.session["access_token"])


def rename(request: HttpRequest, *, name: str) -> None:
    """Let the session know of a new name."""
    request.session["name"] = name
    _remember(request, _read_identity(request))


def _read_identity(request: HttpRequest) -> Identity | None:
    customer_id = request.session.get(CUSTOMER_KEY)
    if not customer_id:
        return None
    return Identity(
        customer_id,
        request.session["email"],
        request.session["name"],
        tuple(request.session.get("groups", ())),
        bool(request.session.get(_FACTOR_KEY)),
    )


def _refresh(request: HttpRequest) -> None:
    identity = find_identity(request)
    if identity is None:
        return
    try:
        granted = cognito.refresh(refresh_token=request.session["refresh_token"])
        renewed, expires_at = _verify(granted)
        _store(request, granted, renewed, expires_at)
        _remember(request, replace(renewed, has_second_factor=identity.has_second_factor))
    except SignedOut as error:
        logger.info("customer.session_refused", customer_id=identity.customer_id, reason=error.code)
        messages.warning(request, str(error))
        _flush(request, identity)
        return
    except StorefrontError:
        request.session["refresh_at"] = int(time.time()) + RETRY_SECONDS
    _save_now(request, identity)


def _save_now(request: HttpRequest, identity: Identity) -> None:
    # Not left to the end of the request: a session that was revoked while Cognito answered must not
    # come back, and its visitor is a guest already on this page.
    try:
        request.session.save()
        request.session.modified = False
    except UpdateError:
        _flush(request, identity)


def _verify(granted: cognito.Tokens) -> tuple[Identity, int]:
    # What verifies costs more to import than a page to make, which visitors who never sign in do not pay.
    from django_cognito_jwt.validator import TokenError

    from accounts import tokens

    try:
        who = tokens.verify_id_token(granted.id_token)
        access = tokens.verify_access_token(granted.access_token)
    except TokenError as error:
        logger.exception("tokens.refused")
        raise AccountsUnavailable from error
    if who.customer_id != access.customer_id:
        logger.error("tokens.refused", reason="the two tokens are of different people")
        raise AccountsUnavailable
    return Identity(who.customer_id, who.email, who.name, access.groups), access.expires_at


def _store(request: HttpRequest, granted: cognito.Tokens, identity: Identity, expires_at: int) -> None:
    # The ID token has said what it knows; there is no need to keep it.
    request.session.update(
        {
            CUSTOMER_KEY: identity.customer_id,
            "email": identity.email,
            "name": identity.name,
            # From a verified token, and with it renewed every hour: who left a group loses what it allows.
            "groups": list(identity.groups),
            "access_token": granted.access_token,
            "refresh_token": granted.refresh_token,
            "refresh_at": expires_at - REFRESH_MARGIN_SECONDS,
        }
    )


def _flush(request: HttpRequest, identity: Identity) -> None:
    signals.customer_signed_out.send_robust(sender=None, request=request, customer_id=identity.customer_id)
    request.session.flush()
    _remember(request, None)


def _remember(request: HttpRequest, identity: Identity | None) -> None:
    request._identity = identity  # type: ignore[attr-defined]
