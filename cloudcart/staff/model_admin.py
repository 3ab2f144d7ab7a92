"""The ModelAdmin and the inlines of the shop: the bridge's, in unfold's theme, telling what services refuse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from unfold import decorators
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from cloudcart.dynamo_admin.admin import DynamoAdminMixin, EmbeddedInlineMixin
from cloudcart.dynamo_admin.errors import SaveRefused, StaleObject
from cloudcart.errors import EditConflict, StorefrontError

F = TypeVar("F", bound=Callable[..., Any])


def display(**options: Any) -> Callable[[F], F]:
    """Unfold's `display` for columns, typed: description, ordering, label, header, image."""
    return cast("Callable[[F], F]", decorators.display(**options))


class StaffModelAdmin(DynamoAdminMixin, ModelAdmin):  # type: ignore[misc]  # (unfold has no types)
    """Base of the shop's ModelAdmins. ``section`` and ``icon`` say where the sidebar shows it."""

    section = ""
    icon = "database"
    warn_unsaved_form = True
    list_filter_sheet = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sold or bought is archived, not deleted; a ModelAdmin that deletes says so."""
        return False


class StaffTabularInline(EmbeddedInlineMixin, TabularInline):  # type: ignore[misc]
    """Base of the shop's tables of parts."""


class StaffStackedInline(EmbeddedInlineMixin, StackedInline):  # type: ignore[misc]
    """Base of the shop's stacks of parts."""


@contextmanager
def told_to_staff() -> Iterator[None]:
    """Let the form tell what a service of the shop refuses, with the person's input kept.

    :raises SaveRefused: in place of any StorefrontError.
    """
    try:
        yield
    except EditConflict as error:
        raise StaleObject from error
    except StorefrontError as error:
        raise SaveRefused([str(error)]) from error
