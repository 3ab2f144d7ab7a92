"""Pictures for the web: open what somebody uploaded, make it in several widths, name it by its content. Pure."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from PIL import Image, ImageOps, UnidentifiedImageError

from cloudcart.errors import StorefrontError

WIDTHS = (320, 480, 640, 960, 1280)

# Measured on studio tiles: method 2 takes a third of the time of 4 for 8 % more bytes.
QUALITY = 82
METHOD = 2

UPLOAD_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
UPLOAD_BYTES = 20 * 1024 * 1024
# 50 megapixels are what phones take; decoded they need 150 MB of the function's memory.
UPLOAD_PIXELS = 50_000_000
UPLOAD_EDGE = 16  # Anything narrower is a tracking pixel or a mistake.


class UnusableImage(StorefrontError):
    """An upload cannot become a picture of the shop; the sentence says why."""

    code = "unusable-image"
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class ImageTooLarge(UnusableImage):
    """An upload has more bytes or pixels than the shop decodes."""

    code = "image-too-large"


@dataclass(frozen=True)
class EncodedImage:
    """One file: WebP, `width` x `height` pixels."""

    width: int
    height: int
    body: bytes


def open_upload(body: bytes) -> Image.Image:
    """Decode an untrusted upload: upright, in RGB, without metadata; of an animation the first frame.

    :raises ImageTooLarge: if it has more bytes or pixels than the limits above.
    :raises UnusableImage: if it is no picture, damaged, of another format, or smaller than 16 pixels.
    """
    if len(body) > UPLOAD_BYTES:
        raise ImageTooLarge(f"The file is larger than {UPLOAD_BYTES // 1024 // 1024} MB.")
    try:
        # Pillow only warns of pictures that unpack to gigabytes; here the size is checked before decoding.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(body), formats=UPLOAD_FORMATS)
        _check_size(image)
        return _flatten(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise UnusableImage(f"The file is not a picture in {_or(UPLOAD_FORMATS)} format.") from error
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"The picture has more than {UPLOAD_PIXELS // 1_000_000} megapixels.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnusableImage("The picture is damaged and cannot be opened.") from error


def make_sizes(image: Image.Image, *, widths: Sequence[int] = WIDTHS) -> list[EncodedImage]:
    """Encode the picture as WebP in every width up to its own, smallest first.

    A picture narrower than the widest width is made once more in its own width, so that nothing it
    shows is lost; nothing is enlarged.
    """
    chosen = sorted({min(width, image.width) for width in widths})
    encoded = []
    # From the largest down, each from the one before; Hamming shrinks as sharply as bicubic in half the time.
    for width in reversed(chosen):
        if width != image.width:
            height = max(1, round(image.height * width / image.width))
            image = image.resize((width, height), Image.Resampling.HAMMING)
        encoded.append(EncodedImage(image.width, image.height, _encode(image)))
    return encoded[::-1]


def make_key(prefix: str, *parts: bytes) -> str:
    """A key base such as `products/1f0c…`, the same for the same parts; a file is at `<key>/<width>.webp`.

    16 digits of SHA-256: the addresses may be cached forever, and a million pictures do not collide.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return f"{prefix}/{digest.hexdigest()[:16]}"


def file_name(key: str, width: int) -> str:
    """Where the file of a picture in one width is stored."""
    return f"{key}/{width}.webp"


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > UPLOAD_PIXELS:
        raise ImageTooLarge(f"The picture has more than {UPLOAD_PIXELS // 1_000_000} megapixels.")
    if min(image.size) < UPLOAD_EDGE:
        raise UnusableImage(f"The picture is smaller than {UPLOAD_EDGE} pixels.")


def _flatten(image: Image.Image) -> Image.Image:
    """To RGB; what is transparent becomes white, as on the paper that products are photographed on."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    cutout = image.convert("RGBA")
    paper = Image.new("RGB", cutout.size, "white")
    paper.paste(cutout, mask=cutout)
    return paper


def _encode(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=METHOD)
    return target.getvalue()


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
