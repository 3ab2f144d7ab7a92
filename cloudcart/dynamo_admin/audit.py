"""Who did what to which object: written in the transaction of the change, read as Django's log entries.

``settings.DYNAMO_ADMIN_AUDIT`` names a PynamoDB model with the attributes ``object_key`` (hash),
``entry_key`` (range), ``user_id``, ``user_name``, ``model``, ``object_id``, ``object_repr``, ``action`` (Django's
flag), ``message`` (Django's JSON), ``acted_at``, and an index ``by_user`` (``user_id``, ``entry_key``) of all of them.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from pynamodb.models import Model as Item


class Actor(Protocol):
    """Whoever acts: Django's user, as far as it is needed here."""

    @property
    def pk(self) -> Any: ...

    def get_username(self) -> str: ...


@dataclass(frozen=True)
class Note:
    """What was done to an object; ``message`` as Django's `construct_change_message` makes it, or a sentence."""

    actor: Actor
    action: int
    message: Any

    def entry_for(self, obj: Model) -> Item:
        """Make the item that tells of it, to be written beside the object."""
        now = datetime.now(UTC)
        label = obj._meta.label_lower
        message = self.message if isinstance(self.message, str) else json.dumps(self.message)
        return audit_model()(
            object_key(label, obj.pk),
            f"{now:%Y-%m-%dT%H:%M:%S.%f}#{secrets.token_hex(4)}",
            user_id=str(self.actor.pk),
            user_name=str(self.actor),
            model=label,
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action=self.action,
            message=message,
            acted_at=now,
        )


def audit_model() -> type[Item]:
    return cast("type[Item]", import_string(settings.DYNAMO_ADMIN_AUDIT))


def object_key(label: str, key: Any) -> str:
    return f"{label}#{key}"


def list_for_object(label: str, key: Any, *, limit: int = 100) -> list[LogEntry]:
    """Give what was done to an object, the newest first: one Query."""
    found = audit_model().query(object_key(label, key), scan_index_forward=False, limit=limit)
    return [_as_log_entry(item) for item in found]


def tell_last_change(label: str, key: Any) -> str:
    """Say who changed an object last, and when: one Query, for the case that two people edit it."""
    entries = list_for_object(label, key, limit=1)
    if not entries:
        return "Somebody else changed this while you were editing."
    moment = date_format(timezone.localtime(entries[0].action_time), "j F Y, H:i")
    return f"{entries[0].user.get_username()} changed this while you were editing ({moment})."


def list_for_user(user_id: str, *, limit: int = 10) -> list[LogEntry]:
    """Give what a member of staff did, the newest first: one Query of ``by_user``."""
    model: Any = audit_model()
    return [_as_log_entry(item) for item in model.by_user.query(user_id, scan_index_forward=False, limit=limit)]


class RecentActions:
    """Stands for ``LogEntry.objects`` in the template of the index, which filters by user and slices."""

    def __init__(self, user_id: str | None = None, read: Callable[..., Sequence[LogEntry]] = list_for_user) -> None:
        self._user_id = user_id
        self._read = read

    def filter(self, *, user__pk: str) -> "RecentActions":
        return RecentActions(user__pk, self._read)

    def __getitem__(self, wanted: slice) -> Sequence[LogEntry]:
        return self._read(self._user_id, limit=wanted.stop or 10) if self._user_id else []


def _as_log_entry(item: Any) -> LogEntry:
    user_model: Any = get_user_model()
    user = user_model(pk=item.user_id, **{user_model.USERNAME_FIELD: item.user_name})
    entry = LogEntry(
        object_id=item.object_id,
        object_repr=item.object_repr,
        action_flag=item.action,
        change_message=item.message,
        action_time=item.acted_at,
    )
    entry.user = user
    if item.model in {model._meta.label_lower for model in apps.get_models()}:
        entry.content_type = ContentType.objects.get_for_model(apps.get_model(item.model))
    return entry
