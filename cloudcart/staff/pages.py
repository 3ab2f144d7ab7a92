"""Pages of the admin that are not a model's: where they are, who may see them, where the sidebar shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from cloudcart.staff.access import require

if TYPE_CHECKING:
    from cloudcart.staff.site import ShopAdminSite

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Page:
    """One page of the admin. Without a section, the sidebar does not show it.

    :param path: below ``/admin/``, such as ``catalog/import/``.
    :param permission: what one needs to be allowed to open it, such as ``catalog.add_product``.
    """

    path: str
    name: str
    title: str
    permission: str
    view: View
    section: str = ""
    icon: str = "description"

    @property
    def guarded_view(self) -> View:
        """The view for those who have the permission; the others get the page that says no."""

        @wraps(self.view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request, self.permission)
            return self.view(request, *args, **kwargs)

        return guarded


def render_page(
    site: "ShopAdminSite",
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    title: str,
    status: int = 200,
) -> HttpResponse:
    """Answer with a template that extends ``admin/page.html``, within the admin's frame."""
    request.current_app = site.name
    full = {**site.each_context(request), "title": title, **(context or {})}
    return TemplateResponse(request, template, full, status=status)
