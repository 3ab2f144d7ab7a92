"""The sidebar: what somebody may open, by section. Made of what is registered, so nobody keeps a list of it."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse

from cloudcart.staff.access import staff_user

if TYPE_CHECKING:
    from cloudcart.staff.site import ShopAdminSite

# In this order; a section that is not named here comes behind them.
SECTIONS = ("Catalog", "Stock", "Orders", "Customers")


def build_navigation(site: "ShopAdminSite", request: HttpRequest) -> list[dict[str, Any]]:
    """Give the groups of links that unfold's sidebar draws; only those that the visitor may open."""
    home = {"title": "Overview", "icon": "dashboard", "link": reverse("admin:index")}
    sections: dict[str, list[dict[str, Any]]] = {section: [] for section in SECTIONS}
    for model, model_admin in site._registry.items():
        if not model_admin.has_module_permission(request) or not model_admin.has_view_permission(request):
            continue
        section = getattr(model_admin, "section", str(model._meta.app_config.verbose_name))
        link = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        title = str(model._meta.verbose_name_plural).capitalize()
        icon = getattr(model_admin, "icon", "database")
        sections.setdefault(section, []).append({"title": title, "icon": icon, "link": link})
    for page in site.pages:
        if page.section and staff_user(request).has_perm(page.permission):
            entry = {"title": page.title, "icon": page.icon, "link": reverse(f"admin:{page.name}")}
            sections.setdefault(page.section, []).append(entry)
    groups: list[dict[str, Any]] = [{"items": [home]}]
    groups += [{"title": title, "items": items} for title, items in sections.items() if items]
    for group in groups:
        for entry in group["items"]:
            entry["has_permission"] = True
            entry["active"] = _is_active(entry["link"], request.path, home["link"])
    return groups


def _is_active(link: str, path: str, home: str) -> bool:
    return path == link if link == home else path.startswith(link)
