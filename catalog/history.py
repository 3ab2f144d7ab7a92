"""The page that says who of the staff did what to a category or collection."""

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from cloudcart.dynamo_admin.admin import HISTORY_LENGTH
from cloudcart.dynamo_admin.audit import list_for_object
from cloudcart.staff.site import site

# Django's flags of log entries.
ADDED, CHANGED, DELETED = 1, 2, 3


def show_history(request: HttpRequest, noted: Model, *, back_url: str) -> HttpResponse:
    """Show the latest entries of an object: one Query.

    :param noted: the object; if it has no name any more, its last entry says it.
    """
    entries = list_for_object(noted._meta.label_lower, noted.pk, limit=HISTORY_LENGTH)
    name = str(noted) or (entries[0].object_repr if entries else "")
    if not name:
        raise Http404("There is no such page.")
    context = {"action_list": entries, "back_url": back_url}
    return site.render(request, "admin/object_history.html", context, title=f"History of {name}")
