"""Fetch the pictures that a product lacks, make them fit for the web, and add them to it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import services
from catalog.images import EncodedImage, file_name, make_key, make_sizes, open_upload
from catalog.models import Image, Product
from catalog.spreadsheets.drafts import Draft, Issue
from catalog.spreadsheets.entries import Entry
from catalog.spreadsheets.fetching import fetch_picture
from catalog.spreadsheets.pictures import find_picture, wanted_pictures
from cloudcart.errors import EditConflict, StorefrontError

# At once and in one step: two pictures of 50 megapixels take 300 MB, four at 20 seconds each fit into a task.
THREADS = 2
STEP_PICTURES = 4
_ATTEMPTS = 5


@dataclass
class Fetched:
    """How many pictures a step has added, and what is wrong with the others."""

    count: int = 0
    issues: list[Issue] = field(default_factory=list)


@dataclass(frozen=True)
class _Picture:
    url: str
    key: str
    sizes: Sequence[EncodedImage]


def attach_pictures(*, draft: Draft, entry: Entry, now: datetime) -> Fetched:
    """Take the next four addresses off the entry, fetch those that the product lacks, and store it once.

    What cannot be fetched, is no picture or does not fit is told, and stops nothing.

    :raises StorageUnavailable: if S3 or DynamoDB cannot be reached.
    """
    urls, entry.pictures = entry.pictures[:STEP_PICTURES], entry.pictures[STEP_PICTURES:]
    product = Product.find(entry.product_id, consistent=True)
    fetched = Fetched()
    if product is None:
        fetched.issues = [Issue(draft.row, draft.column("images"), "The product was deleted meanwhile.")]
        return fetched
    missing = [url for url in urls if find_picture(product.images, url) is None]
    pictures: list[_Picture] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for url, taken in zip(missing, pool.map(_take, missing), strict=True):
            if isinstance(taken, _Picture):
                pictures.append(taken)
            else:
                fetched.issues.append(Issue(draft.row, draft.column("images"), f"{url}: {taken}"))
    for picture in pictures:
        _upload(picture)
    try:
        _store(product, draft, pictures, now)
        fetched.count = len(pictures)
    except StorefrontError as error:
        if error.retry_after_seconds is not None:
            raise
        fetched.issues.append(Issue(draft.row, draft.column("images"), f"The pictures cannot be added: {error}"))
    return fetched


def _take(url: str) -> _Picture | StorefrontError:
    """Fetch and encode; Pillow and the network both work outside of Python's lock."""
    try:
        body = fetch_picture(url, allowed=settings.PICTURE_HOSTS_ALLOWED)
        return _Picture(url, make_key("products", body), make_sizes(open_upload(body)))
    except StorefrontError as error:
        return error


def _upload(picture: _Picture) -> None:
    for encoded in picture.sizes:
        name = file_name(picture.key, encoded.width)
        default_storage.save(name, SimpleUploadedFile(name, encoded.body, content_type="image/webp"))


def _store(product: Product, draft: Draft, pictures: Sequence[_Picture], now: datetime) -> None:
    """Add the pictures to the product as it is now, whoever saves it meanwhile."""
    for _ in range(_ATTEMPTS):
        if not _add(product, draft, pictures):
            return
        try:
            services.save_product(product=product, now=now)
        except EditConflict:
            product = Product.get(product.product_id, consistent_read=True)
        else:
            return
    raise EditConflict


def _add(product: Product, draft: Draft, pictures: Sequence[_Picture]) -> bool:
    """True if that changes the product."""
    former = product.serialize()
    alts = {wanted.url: wanted.alt for wanted in wanted_pictures(draft)}
    for picture in pictures:
        same = product.find_image(picture.key)
        if same is not None:
            # The same picture under another address.
            same.source_urls = list(dict.fromkeys([*(same.source_urls or []), picture.url]))
            continue
        largest = picture.sizes[-1]
        image = Image(
            key=picture.key,
            widths=[size.width for size in picture.sizes],
            width=largest.width,
            height=largest.height,
            alt=alts.get(picture.url, ""),
        )
        image.source_urls = [picture.url]
        product.images.append(image)
    _show_variants(product, draft)
    return product.serialize() != former


def _show_variants(product: Product, draft: Draft) -> None:
    for wanted in draft.variants:
        image = find_picture(product.images, wanted.image_url) if wanted.image_url else None
        variant = product.find_variant(wanted.sku) or next(
            (each for each in product.variants if list(each.values) == wanted.values), None
        )
        if image is not None and variant is not None and not variant.image_key:
            variant.image_key = image.key
