"""The shop's own admin site: sign-in by the shop's pages, permissions by group, pages that apps hang onto it."""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, path
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from cloudcart.dynamo_admin.audit import RecentActions
from cloudcart.staff.access import staff_user
from cloudcart.staff.navigation import build_navigation
from cloudcart.staff.pages import Page, View, render_page

# Passwords are Cognito's, signing out is the shop's, and objects say themselves where they are on the shop.
_DROPPED_URLS = {"password_change", "password_change_done", "logout", "view_on_site"}


class ShopAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # (unfold has no types)
    """`/admin/`. Apps register their ModelAdmins and pages on `site`, in their `admin.py`."""

    site_title = settings.STORE_NAME
    site_header = settings.STORE_NAME
    index_title = "Overview"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.pages: list[Page] = []

    def page(
        self, url_path: str, *, name: str, title: str, permission: str, section: str = "", icon: str = "description"
    ) -> Callable[[View], View]:
        """Register a view as a page of the admin, for those who have the permission.

        :param url_path: below ``/admin/``; may have parameters (``orders/<str:number>/slip/``) if there is no section.
        :param section: under which heading the sidebar shows it; empty for pages that others lead to.
        :param icon: a name of Material Symbols.
        """

        def register(view: View) -> View:
            self.pages.append(Page(url_path, name, title, permission, view, section, icon))
            return view

        return register

    def render(
        self,
        request: HttpRequest,
        template: str,
        context: dict[str, Any] | None = None,
        *,
        title: str,
        status: int = 200,
    ) -> HttpResponse:
        """Answer with a template that extends ``admin/page.html``, within the admin's frame."""
        return render_page(self, request, template, context, title=title, status=status)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own = [path(page.path, self.admin_view(page.guarded_view), name=page.name) for page in self.pages]
        return [*own, *_without_dropped(super().get_urls())]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                return self.turn_away(request)
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return update_wrapper(guarded, view)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_permission(request)) and not self._lacks_factor(request)

    def _lacks_factor(self, request: HttpRequest) -> bool:
        return settings.STAFF_MFA_REQUIRED and not staff_user(request).has_second_factor

    def turn_away(self, request: HttpRequest) -> HttpResponse:
        """Send a visitor who is not signed in to the shop's sign-in, and tell everyone else that this is not theirs."""
        if not request.user.is_authenticated:
            way_back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/admin/"
            return redirect_to_login(way_back, "accounts:sign-in")
        if staff_user(request).is_staff:
            return redirect("accounts:second-factor")
        response = render(request, "admin/not_staff.html", status=403)
        add_never_cache_headers(response)
        return response

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_permission(request):
            return self.turn_away(request)
        target = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(target if is_ours else "/admin/")

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        return build_navigation(self, request)

    def get_log_entries(self, request: HttpRequest) -> Any:
        return RecentActions()

    def _get_colors(self, key: str, *args: Any) -> dict[str, dict[str, str]]:
        # They are in static/css/admin.css: as a style element in the page they would need a looser policy.
        return {}


def _without_dropped(patterns: Iterable[Any]) -> list[Any]:
    return [pattern for pattern in patterns if getattr(pattern, "name", None) not in _DROPPED_URLS]


site = ShopAdminSite()
