"""Imports and exports in the background: each task works for a while and tells the next one to go on."""

import time

import structlog
from django.conf import settings
from django.utils import timezone

from catalog.spreadsheets import exports, running, services
from cloudcart.celery import app

logger = structlog.get_logger(__name__)


@app.task(name="catalog.run_import")
def run_import(import_id: str) -> None:
    """Go on with an import for some seconds; what is left is another task's."""
    end = time.monotonic() + settings.TRANSFER_SECONDS
    if running.run_import(import_id=import_id, now=timezone.now, has_time=lambda: time.monotonic() < end):
        services.resume_import(import_id=import_id)
    logger.info("import.ran", import_id=import_id)


@app.task(name="catalog.run_export")
def run_export(export_id: str) -> None:
    """Go on with an export for some seconds; what is left is another task's."""
    end = time.monotonic() + settings.TRANSFER_SECONDS
    if exports.run_export(export_id=export_id, now=timezone.now, has_time=lambda: time.monotonic() < end):
        services.resume_export(export_id=export_id)
    logger.info("export.ran", export_id=export_id)
