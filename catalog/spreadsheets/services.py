"""What a merchant does with imports and exports: begin, confirm, cancel, go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from pynamodb.exceptions import PutError

from catalog.spreadsheets import files
from catalog.spreadsheets.models import LIFETIME, Export, Import, ImportState
from catalog.spreadsheets.queries import get_import
from catalog.spreadsheets.reading import check_file
from catalog.spreadsheets.running import file_key
from catalog.spreadsheets.unpacking import unpack
from cloudcart.dynamo import is_condition_failure
from cloudcart.errors import EditConflict, StorefrontError
from cloudcart.publishing import publish

_ATTEMPTS = 5


class NotPossibleNow(StorefrontError):
    """The import has gone on in the meantime."""

    code = "not-possible-now"
    status_code = HTTPStatus.CONFLICT


def start_import(
    *, import_id: str, body: bytes, file_name: str, created_by: str, takes_stock: bool, now: datetime
) -> Import:
    """Keep an uploaded file, which may lie in a zip archive, and begin its dry run in the background.

    :param takes_stock: whether numbers of units in the file are to be set.
    :raises UnreadableSheet: if the file is not of a kind that the shop knows, or too large.
    :raises StorageUnavailable: if it cannot be kept.
    :raises PublishFailed: if the worker cannot be told; the import is there, and can be gone on with.
    """
    body = unpack(body)
    check_file(body)
    files.write_bytes(file_key(import_id, "original.csv"), body)
    job = Import(
        import_id,
        created_at=now,
        updated_at=now,
        expires_at=now + LIFETIME,
        created_by=created_by,
        file_name=file_name[:200] or "products.csv",
        takes_stock=takes_stock,
    )
    job.save(Import.import_id.does_not_exist())
    resume_import(import_id=import_id)
    return job


def confirm_import(*, import_id: str, now: datetime) -> Import:
    """Let what the dry run found be written.

    :raises NotPossibleNow: if it is not waiting for that, or there is nothing to write.
    """

    def change(job: Import) -> None:
        if not job.can_confirm:
            raise NotPossibleNow("This import is not waiting to be confirmed any more.")
        job.state, job.position = ImportState.APPLYING, 0

    job = _change(import_id, change, now)
    resume_import(import_id=import_id)
    return job


def cancel_import(*, import_id: str, now: datetime) -> Import:
    """Stop an import; what it has written stays, and the report tells what that is.

    :raises NotPossibleNow: if it has ended.
    """

    def change(job: Import) -> None:
        if not job.can_cancel:
            raise NotPossibleNow("This import has ended, so it cannot be stopped any more.")
        job.state = ImportState.CANCELED

    job = _change(import_id, change, now)
    resume_import(import_id=import_id)
    return job


def resume_import(*, import_id: str) -> None:
    """Tell the worker to go on with an import; once too often does no harm.

    :raises PublishFailed: if the worker cannot be told.
    """
    publish("catalog.run_import", import_id=import_id)


def start_export(*, export_id: str, created_by: str, now: datetime) -> Export:
    """Begin to write all products into a file, in the background.

    :raises PublishFailed: if the worker cannot be told.
    """
    job = Export(export_id, created_at=now, updated_at=now, expires_at=now + LIFETIME, created_by=created_by)
    job.save()
    resume_export(export_id=export_id)
    return job


def resume_export(*, export_id: str) -> None:
    """Tell the worker to go on with an export; once too often does no harm."""
    publish("catalog.run_export", export_id=export_id)


def _change(import_id: str, change: Callable[[Import], None], now: datetime) -> Import:
    for _ in range(_ATTEMPTS):
        job = get_import(import_id)
        change(job)
        job.updated_at = now
        try:
            job.save()
        except PutError as error:
            if not is_condition_failure(error):
                raise
        else:
            return job
    raise EditConflict
