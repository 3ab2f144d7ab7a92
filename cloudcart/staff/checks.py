"""`manage.py check` looks at the admin as well, though it is loaded late."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage


def check_admin(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Load the admin and let it check itself: every ModelAdmin that is registered."""
    from cloudcart.staff import loading

    loading.load()
    from cloudcart.staff.site import site

    messages: Sequence[CheckMessage] = site.check(app_configs)
    return messages
