"""Carry an export on, part by part: any process may, after any kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import structlog
from pynamodb.exceptions import PutError

from catalog.queries import get_tree
from catalog.spreadsheets import files
from catalog.spreadsheets.exporting import export_page, write_header
from catalog.spreadsheets.models import Export
from catalog.spreadsheets.queries import get_export
from cloudcart.dynamo import is_condition_failure

logger = structlog.get_logger(__name__)


def export_key(export_id: str) -> str:
    return f"exports/{export_id}.csv"


def run_export(
    *,
    export_id: str,
    now: Callable[[], datetime],
    has_time: Callable[[], bool],
    part_bytes: int = files.PART_BYTES,
) -> bool:
    """Write products into the file while there is time; True if more is to be done.

    :param part_bytes: how much is sent at once, some thousands of products, and all that is in memory.
    :raises UnknownTransfer: if there is no such export.
    :raises StorageUnavailable: if DynamoDB or S3 cannot be reached; doing it again goes on from there.
    """
    while has_time():
        job = get_export(export_id)
        if job.is_done:
            return False
        is_written = bool(job.parts) and job.next_key is None
        if not (_finish(job, now()) if is_written else _write_part(job, now(), part_bytes=part_bytes)):
            return False
    return True


def _write_part(job: Export, now: datetime, *, part_bytes: int) -> bool:
    """Write the next part; False if another process has."""
    key = export_key(job.export_id)
    upload_id = job.upload_id or files.begin_upload(key)
    job.upload_id = upload_id
    chunks = [] if job.parts else [write_header()]
    size, next_key, tree = 0, json.loads(job.next_key) if job.next_key else None, get_tree()
    while size < part_bytes:
        page = export_page(next_key, tree=tree)
        chunks.append(page.lines)
        size += len(page.lines.encode())
        next_key = page.next_key
        job.product_count += page.product_count
        if next_key is None:
            break
    body = "".join(chunks).encode()
    job.parts.append(files.send_part(key, upload_id=upload_id, number=len(job.parts) + 1, body=body))
    job.next_key = json.dumps(next_key) if next_key else None
    return _save(job, now)


def _finish(job: Export, now: datetime) -> bool:
    files.finish_upload(export_key(job.export_id), upload_id=str(job.upload_id), tags=job.parts)
    job.is_done = True
    return _save(job, now)


def _save(job: Export, now: datetime) -> bool:
    job.updated_at = now
    try:
        job.save()
    except PutError as error:
        if not is_condition_failure(error):
            raise
        logger.info("export.outrun", export_id=job.export_id)
        return False
    return True
