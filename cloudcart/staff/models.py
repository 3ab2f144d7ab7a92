"""Who works in the admin, as Django's admin wants to see them. Nothing of this is stored."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from cloudcart.identity import Identity
from cloudcart.staff import permissions


class StaffUser(AbstractBaseUser):
    """Somebody who is signed in; the key is Cognito's ``sub``, and the groups come from a verified token."""

    # Cognito has the password, and nobody asks when it was last used.
    password = None  # type: ignore[assignment]
    last_login = None

    customer_id = models.CharField(primary_key=True, max_length=64)
    email = models.EmailField()
    name = models.CharField(max_length=100, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_superuser = False

    groups: tuple[str, ...] = ()
    has_second_factor = False

    class Meta:
        managed = False
        app_label = "staff"
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        default_permissions = ()

    @classmethod
    def of(cls, identity: Identity) -> "StaffUser":
        user = cls(customer_id=identity.customer_id, email=identity.email, name=identity.name)
        user.groups = permissions.staff_groups_of(identity.groups)
        user.has_second_factor = identity.has_second_factor
        return user

    @property
    def is_staff(self) -> bool:
        return bool(self.groups)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return permissions.is_allowed(self.groups, perm)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return permissions.is_allowed_in_app(self.groups, app_label)

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()

    def has_usable_password(self) -> bool:
        return False

    def get_all_permissions(self, obj: Any = None) -> Sequence[str]:
        return ()
