"""The PDFs in their own bucket, which nothing serves: who may see one gets a link that soon expires."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from cloudcart.errors import StorageUnavailable, StorefrontError
from orders.invoices.models import Invoice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = structlog.get_logger(__name__)

LINK_LIFETIME = timedelta(minutes=5)


class InvoiceNotReady(StorefrontError):
    """The number is given, and the worker has not stored the PDF yet."""

    code = "invoice-not-ready"
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_seconds = 10

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__("This invoice is being printed. Please try again in a minute.")


@dataclass(frozen=True)
class Link:
    """An address that opens one PDF, for whoever has it, until ``expires_at``."""

    url: str
    expires_at: datetime


def store_pdf(*, invoice: Invoice, now: datetime) -> bytes:
    """Print an invoice and put it into the bucket; harmless to repeat, since the bytes are the same.

    :raises StorageUnavailable: if S3 does not take it.
    """
    # Web processes make links and print nothing.
    from orders.invoices import rendering

    pdf = rendering.render_pdf(invoice)
    try:
        _client().put_object(
            Bucket=settings.INVOICE_BUCKET, Key=key_of(invoice), Body=pdf, ContentType="application/pdf"
        )
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error
    invoice.update([Invoice.stored_at.set(now), Invoice.sha256.set(hashlib.sha256(pdf).hexdigest())])
    logger.info("invoice.stored", number=invoice.number, bytes=len(pdf))
    return pdf


def read_pdf(invoice: Invoice) -> bytes:
    """Read a stored PDF.

    :raises StorageUnavailable: if S3 does not give it.
    """
    try:
        return _client().get_object(Bucket=settings.INVOICE_BUCKET, Key=key_of(invoice))["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable from error


def make_link(invoice: Invoice, *, now: datetime) -> Link:
    """Give a fresh link to the PDF that lasts five minutes; asks nobody.

    :raises InvoiceNotReady: if the PDF is not stored yet.
    """
    if invoice.stored_at is None:
        raise InvoiceNotReady(invoice.number)
    url = _client().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings.INVOICE_BUCKET,
            "Key": key_of(invoice),
            "ResponseContentType": "application/pdf",
            "ResponseContentDisposition": f'inline; filename="{invoice.file_name}"',
            "ResponseCacheControl": "private, no-store",
        },
        ExpiresIn=int(LINK_LIFETIME.total_seconds()),
    )
    return Link(url, now + LINK_LIFETIME)


def key_of(invoice: Invoice) -> str:
    """Give where its PDF lies in the bucket: ``INV-2026/INV-2026-000042.pdf``."""
    return f"{invoice.number.rpartition('-')[0]}/{invoice.file_name}"


@cache
def _client() -> "S3Client":
    import boto3
    from botocore.config import Config

    # Links of the older signature are refused in every region made since 2014.
    return boto3.client("s3", config=Config(signature_version="s3v4"))
