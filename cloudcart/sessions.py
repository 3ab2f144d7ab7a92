"""Sessions in DynamoDB: with a lifetime, and revocable for a customer all at once."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from pynamodb.attributes import TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from cloudcart.dynamo import StoreModel, is_condition_failure

# Where a session keeps the sub of the customer who is signed in; the index finds sessions by it.
CUSTOMER_KEY = "customer_id"


class SessionsByCustomer(GlobalSecondaryIndex["StoredSession"]):
    """Keys only: it serves to end all sessions of a customer."""

    class Meta:
        index_name = "by_customer"
        projection = KeysOnlyProjection()

    customer_id = UnicodeAttribute(hash_key=True)


class StoredSession(StoreModel):
    """One session. The key is a hash of the cookie's, so that the table opens no account."""

    class Meta:
        table = "sessions"

    session_hash = UnicodeAttribute(hash_key=True)
    payload = UnicodeAttribute()
    customer_id = UnicodeAttribute(null=True)
    expires_at = TTLAttribute()
    by_customer = SessionsByCustomer()


class SessionStore(SessionBase):
    """Django's session interface over `StoredSession`: one read when used, one write when changed."""

    def load(self) -> dict[str, Any]:
        stored = self._find()
        if stored is None:
            self._session_key = None
            return {}
        return dict(self.decode(stored.payload))

    def exists(self, session_key: str) -> bool:
        return self._find(session_key) is not None

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Store the session.

        :raises CreateError: if it has to be new and its key is taken.
        :raises UpdateError: if it was revoked meanwhile; a signed-out session stays signed out.
        """
        if self.session_key is None:
            self.create()
            return
        content = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        stored = StoredSession(
            _hash(self.session_key),
            payload=self.encode(content),
            customer_id=content.get(CUSTOMER_KEY),
            expires_at=self.get_expiry_date().astimezone(UTC),
        )
        exists = StoredSession.session_hash.exists()
        try:
            stored.save(~exists if must_create else exists)
        except PutError as error:
            if not is_condition_failure(error):
                raise
            raise (CreateError if must_create else UpdateError) from error

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            StoredSession(_hash(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Nothing to do: DynamoDB deletes what is past its time to live."""

    def _find(self, session_key: str | None = None) -> StoredSession | None:
        key = session_key or self.session_key
        if key is None:
            return None
        stored = StoredSession.find(_hash(key), consistent=True)
        # DynamoDB deletes late, by days: what has expired counts as gone.
        return stored if stored is not None and stored.expires_at > datetime.now(UTC) else None


def revoke_sessions(*, customer_id: str) -> int:
    """End every session of a customer; gives how many there were. Reads the index `by_customer`."""
    sessions = list(StoredSession.by_customer.query(customer_id))
    for session in sessions:
        session.delete()
    return len(sessions)


def _hash(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()
