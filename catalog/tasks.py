"""Work that may wait a moment: loads, makes one call, logs."""

import structlog

from catalog import categories, low_stock, services
from cloudcart.celery import app
from cloudcart.errors import EditConflict

logger = structlog.get_logger(__name__)


@app.task(name="catalog.refresh_availability", autoretry_for=(EditConflict,), retry_backoff=True, max_retries=5)
def refresh_availability(product_id: str) -> None:
    """Let the cards of a product say what is left of it."""
    if services.refresh_availability(product_id=product_id):
        logger.info("product.availability_changed", product_id=product_id)


@app.task(name="catalog.finish_category_moves", autoretry_for=(EditConflict,), retry_backoff=True, max_retries=5)
def finish_category_moves() -> None:
    """File the cards behind categories that were moved."""
    products = categories.finish_moves()
    logger.info("category.moves_finished", products=products)


@app.task(name="catalog.mail_low_stock")
def mail_low_stock(sku: str, revision: str) -> None:
    """Tell the merchant that a SKU runs low, unless this was told before."""
    if low_stock.mail_once(sku=sku, revision=int(revision)):
        logger.info("stock.low_mailed", sku=sku)
