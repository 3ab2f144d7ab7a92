"""Who acts in the admin, and whether they may."""

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from cloudcart.staff.models import StaffUser


def staff_user(request: HttpRequest) -> "StaffUser":
    """Give the member of staff behind a request that the admin site let in."""
    return cast("StaffUser", request.user)


def require(request: HttpRequest, permission: str) -> None:
    """:raises PermissionDenied: if the visitor has not the permission; the answer is a 403."""
    if not staff_user(request).has_perm(permission):
        raise PermissionDenied
