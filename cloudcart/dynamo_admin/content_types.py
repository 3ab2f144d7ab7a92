"""Content types without their table: the change form asks for one of each model, and only for its number."""

from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType


def number_content_types() -> None:
    """Put a content type for every model into Django's cache.

    The numbers belong to this process and must never be stored. Safe to repeat when models came since.
    """
    manager: Any = ContentType.objects
    known = manager._cache.setdefault("default", {})
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if (options.app_label, options.model_name) not in known:
            number = len({id(content_type) for content_type in known.values()}) + 1
            content_type = ContentType(pk=number, app_label=options.app_label, model=options.model_name)
            manager._add_to_cache("default", content_type)
