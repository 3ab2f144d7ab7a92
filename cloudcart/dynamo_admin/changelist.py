"""The list of the admin, page by page from a key on; nothing counts what there is."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.http import HttpRequest

from cloudcart.dynamo_admin import django_internals
from cloudcart.dynamo_admin.errors import UnsupportedQuery


class KeysetPaginator:
    """What the list's template asks of a paginator; unfold takes its own template by its name."""

    template_name = "dynamo_admin/pagination.html"
    num_pages = 1
    ELLIPSIS = "…"

    def __init__(self, count: int, next_url: str | None, previous_url: str | None) -> None:
        self.count = count
        self.next_url = next_url
        self.previous_url = previous_url

    def get_elided_page_range(self, number: int) -> list[int]:
        return []


class KeysetChangeListMixin:
    """Replaces how a ChangeList gets its results: one page by the token in ``?p=``."""

    def get_ordering(self: Any, request: HttpRequest, queryset: Any) -> list[str]:
        """Sort by the first column of ``?o=``: an index has one order, and a header's link names the former one too."""
        if ORDER_VAR in self.params:
            self.params[ORDER_VAR] = self.params[ORDER_VAR].partition(".")[0]
        ordering: list[str] = super().get_ordering(request, queryset)  # type: ignore[misc]
        return ordering

    def get_results(self: Any, request: HttpRequest) -> None:
        try:
            page = self.queryset.page(request.GET.get(PAGE_VAR), size=self.list_per_page)
        except UnsupportedQuery as error:
            messages.warning(request, f"The list cannot be shown this way: {error}")
            raise IncorrectLookupParameters from error
        self.result_list = django_internals.fill(self.queryset, page.objects)
        self.result_count = self.full_result_count = len(page.objects)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = True
        self.multi_page = False
        self.paginator = KeysetPaginator(
            len(page.objects),
            page.next_token and self.get_query_string({PAGE_VAR: page.next_token}),
            page.previous_token and self.get_query_string({PAGE_VAR: page.previous_token}),
        )


class KeysetChangeList(KeysetChangeListMixin, ChangeList):  # type: ignore[misc]
    """Django's own ChangeList with the pages of `KeysetChangeListMixin`."""
