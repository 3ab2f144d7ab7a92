"""What staff may do: the groups of the user pool, and the permissions that each of them has.

`settings.STAFF_PERMISSIONS` maps a group to patterns of Django's permission names, such as
`catalog.change_product`; `*` stands for anything.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from django.conf import settings


def staff_groups_of(groups: Iterable[str]) -> tuple[str, ...]:
    """Give those of the groups that make a person a member of staff."""
    return tuple(group for group in groups if group in settings.STAFF_PERMISSIONS)


def is_allowed(groups: Iterable[str], permission: str) -> bool:
    """Whether one of the groups has the permission (``app_label.codename``)."""
    return any(fnmatchcase(permission, pattern) for pattern in _patterns(groups))


def is_allowed_in_app(groups: Iterable[str], app_label: str) -> bool:
    """Whether one of the groups may do anything at all in an app."""
    return any(fnmatchcase(app_label, pattern.partition(".")[0]) for pattern in _patterns(groups))


def _patterns(groups: Iterable[str]) -> list[str]:
    return [pattern for group in groups for pattern in settings.STAFF_PERMISSIONS.get(group, ())]
