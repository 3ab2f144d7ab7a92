"""Media in S3, addressed under the shop's own origin."""

from django.conf import settings
from storages.backends.s3 import S3Storage


class MediaStorage(S3Storage):  # type: ignore[misc]
    """S3 through django-storages, whose URLs are paths of the shop (CloudFront serves them on AWS).

    One origin for pages and images keeps the CSP at 'self' and the bucket private.
    """

    def url(self, name: str, parameters: object = None, expire: object = None, http_method: object = None) -> str:
        return str(settings.MEDIA_URL) + name
