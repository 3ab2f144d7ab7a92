"""Media in S3, addressed under the shop's own origin."""

from botocore.exceptions import ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage


class MediaStorage(S3Storage):  # type: ignore[misc]
    """S3 through django-storages, whose URLs are paths of the shop (CloudFront serves them on AWS).

    One origin for pages and images keeps the CSP at 'self' and the bucket private.
    """

    def url(self, name: str, parameters: object = None, expire: object = None, http_method: object = None) -> str:
        return str(settings.MEDIA_URL) + name

    def exists(self, name: str) -> bool:
        """Whether there is such an object, as far as the role may know.

        To a role that may not list a bucket, S3 answers 403 for what is not there. Keys carry a hash of
        their content, so that writing once more what is there changes nothing.
        """
        try:
            return bool(super().exists(name))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                return False
            raise
