from django.conf import settings

from cloudcart.sessions import StoredSession
from tests.cast import Shopper


def test_alice_and_bob_are_signed_in_as_themselves(alice: Shopper, bob: Shopper) -> None:
    assert alice.customer_id != bob.customer_id
    assert {session.customer_id for session in StoredSession.scan()} == {alice.customer_id, bob.customer_id}
    assert settings.SESSION_COOKIE_NAME in alice.client.cookies
