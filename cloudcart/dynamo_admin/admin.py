"""ModelAdmin and inlines over DynamoDB. They stay Django's: only hooks and the list's results are replaced."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse

from cloudcart.dynamo_admin import audit
from cloudcart.dynamo_admin.changelist import KeysetChangeList, KeysetPaginator
from cloudcart.dynamo_admin.checks import DynamoAdminChecks
from cloudcart.dynamo_admin.errors import SaveRefused
from cloudcart.dynamo_admin.forms import SEEN, EmbeddedFormSet, ListFormSet, VersionedForm, VersionedRowForm
from cloudcart.dynamo_admin.mapping import mapping_of
from cloudcart.dynamo_admin.saving import SavingMixin

HISTORY_LENGTH = 100

# Whatever subclass of ModelAdmin the mixin stands before; mypy shall look into none of them.
_ModelAdmin: Any = object


@dataclass
class RowOutcome:
    """What became of the rows that were edited in the list."""

    saved: int = 0
    refused: list[str] = field(default_factory=list)


class DynamoAdminMixin(SavingMixin, _ModelAdmin):  # type: ignore[misc]
    """For any subclass of Django's ModelAdmin whose model is a DynamoModel."""

    form = VersionedForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    view_on_site: Any = False
    checks_class: ClassVar[Any] = DynamoAdminChecks

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return KeysetChangeList

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        form = super().get_changelist_form(request, **{"form": VersionedRowForm, **kwargs})
        return type(form.__name__, (form,), {"tell_conflict": self.tell_conflict})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, **{"formset": ListFormSet, **kwargs})

    def get_sortable_by(self, request: HttpRequest) -> list[str]:
        """Only what an index sorts by is offered."""
        ranges = {index.range_name for index in mapping_of(self.model).indexes}
        return [name for name in self.get_list_display(request) if self._sorts_by(name) in ranges]

    def _sorts_by(self, name: Any) -> str | None:
        method = getattr(self, name, None) if isinstance(name, str) else name
        return getattr(method, "admin_order_field", None) or (name if isinstance(name, str) else None)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Search what is stored casefolded: DynamoDB compares letter by letter."""
        return super().get_search_results(request, queryset, search_term.casefold())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        extra = {"refusals": getattr(request, "_refusals", ()), "tell_conflict": self.tell_conflict}
        return type(form.__name__, (form,), extra)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put the hidden version into the first fieldset, so that fieldsets of one's own need not name it."""
        fieldsets = [(title, dict(options)) for title, options in super().get_fieldsets(request, obj)]
        if not fieldsets or not self.has_change_permission(request, obj):
            return fieldsets
        names = [*fieldsets[0][1]["fields"]]
        fieldsets[0][1]["fields"] = [*(name for name in names if name != SEEN), SEEN]
        return fieldsets

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except SaveRefused as refused:
            # Once more, with what is stored by now: the form tells the conflict, or what was refused.
            request._refusals = refused.sentences  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        request._row_outcome = outcome = RowOutcome()  # type: ignore[attr-defined]
        response = super().changelist_view(request, extra_context)
        if outcome.refused:
            text = f"{len(outcome.refused)} could not be saved and stayed as they were. {' '.join(outcome.refused)}"
            messages.warning(request, text)
        return response

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kwargs: Any
    ) -> None:
        outcome: RowOutcome | None = getattr(request, "_row_outcome", None)
        if outcome is not None and outcome.refused and level == messages.SUCCESS:
            # Django counts the rows that it handed over, not those that were stored.
            if not outcome.saved:
                return
            message = f"{outcome.saved} of {outcome.saved + len(outcome.refused)} changed rows were saved."
        super().message_user(request, message, level, *args, **kwargs)

    def get_deleted_objects(self, objs: Sequence[Any], request: HttpRequest) -> Any:
        """Nothing hangs on an item in another table as far as the admin knows."""
        objs = list(objs)
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return [str(obj) for obj in objs], {str(self.opts.verbose_name_plural): len(objs)}, missing, []

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        key = unquote(object_id)
        obj = self.get_object(request, key)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, key)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        entries = audit.list_for_object(self.opts.label_lower, key, limit=HISTORY_LENGTH)
        paginator = KeysetPaginator(len(entries), None, None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "subtitle": None,
            "action_list": HistoryPage(entries, paginator),
            "page_range": [],
            "page_var": "p",
            "pagination_required": False,
            "module_name": str(self.opts.verbose_name_plural).capitalize(),
            "object": obj,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template or "admin/object_history.html", context)


class HistoryPage(list[Any]):
    """The entries of a history, with the paginator that the template asks."""

    def __init__(self, entries: Sequence[Any], paginator: KeysetPaginator) -> None:
        super().__init__(entries)
        self.paginator = paginator


class DynamoAdmin(DynamoAdminMixin, admin.ModelAdmin):  # type: ignore[misc, type-arg]
    """Django's own ModelAdmin over DynamoDB."""


class EmbeddedInlineMixin:
    """For any subclass of Django's inlines whose model is an EmbeddedModel."""

    model: Any
    formset = EmbeddedFormSet
    fk_name = "parent"
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return self.model.objects.all()


class EmbeddedInline(EmbeddedInlineMixin, admin.TabularInline):  # type: ignore[misc, type-arg]
    """Django's own tabular inline over a list within the parent's item."""
