from django.conf import settings
from django.http import HttpRequest


def store(request: HttpRequest) -> dict[str, str]:
    """Give every template the store's name and, on a laptop, the way to the mailbox."""
    return {"store_name": settings.STORE_NAME, "local_mailbox_url": "/mailbox/" if settings.IS_LOCAL else ""}
