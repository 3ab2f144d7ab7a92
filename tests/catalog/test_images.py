import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catalog import images
from catalog.images import EncodedImage, ImageTooLarge, UnusableImage, make_key, make_sizes, open_upload


def _encoded(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, image_format, **options)
    return target.getvalue()


def _open(encoded: EncodedImage) -> Image.Image:
    return Image.open(io.BytesIO(encoded.body))


def test_a_picture_is_made_in_every_width_smallest_first_with_its_shape_kept() -> None:
    sizes = make_sizes(Image.new("RGB", (1600, 2000), "teal"), widths=(640, 320))

    assert [(size.width, size.height) for size in sizes] == [(320, 400), (640, 800)]
    assert [_open(size).size for size in sizes] == [(320, 400), (640, 800)]
    assert {_open(size).format for size in sizes} == {"WEBP"}


def test_nothing_is_enlarged() -> None:
    sizes = make_sizes(Image.new("RGB", (500, 625), "teal"))

    assert [size.width for size in sizes] == [320, 480, 500]


def test_a_tiny_picture_is_made_once() -> None:
    sizes = make_sizes(Image.new("RGB", (40, 50), "teal"))

    assert [(size.width, size.height) for size in sizes] == [(40, 50)]


@given(width=st.integers(1, 2000), height=st.integers(1, 2000))
def test_sizes_never_exceed_the_picture_and_keep_at_least_one_pixel(width: int, height: int) -> None:
    sizes = make_sizes(Image.new("RGB", (width, height)), widths=(64, 128))

    assert sizes
    assert all(1 <= size.width <= width and size.height >= 1 for size in sizes)
    assert sizes == sorted(sizes, key=lambda size: size.width)


def test_a_key_is_the_same_for_the_same_parts_and_another_for_others() -> None:
    assert make_key("products", b"a", b"bc") == make_key("products", b"a", b"bc")
    assert make_key("products", b"a", b"bc") != make_key("products", b"ab", b"c")
    assert make_key("products", b"a") != make_key("products", b"a", b"")


def test_a_key_names_a_folder_in_its_prefix() -> None:
    prefix, _, digest = make_key("products", b"picture").partition("/")

    assert prefix == "products"
    assert len(digest) == 16
    assert images.file_name("products/0f", 640) == "products/0f/640.webp"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_the_usual_formats_are_opened(image_format: str) -> None:
    opened = open_upload(_encoded(Image.new("RGB", (64, 48), "teal"), image_format))

    assert (opened.size, opened.mode) == ((64, 48), "RGB")


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    photo = Image.new("RGB", (40, 20), "red")
    photo.paste("blue", (20, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # The camera was turned clockwise: show it turned by 90 degrees.

    opened = open_upload(_encoded(photo, "PNG", exif=exif))

    assert opened.size == (20, 40)
    assert opened.getpixel((10, 5)) == (255, 0, 0)
    assert opened.getpixel((10, 35)) == (0, 0, 255)


def test_metadata_is_left_behind() -> None:
    exif = Image.Exif()
    exif[0x010E] = "At home, 12 Garden Street"

    sizes = make_sizes(open_upload(_encoded(Image.new("RGB", (64, 64)), "JPEG", exif=exif)))

    assert b"Garden Street" not in sizes[0].body


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    cutout = Image.new("RGBA", (32, 32), (0, 0, 0, 0)).convert(mode)

    opened = open_upload(_encoded(cutout, "PNG" if mode != "PA" else "WEBP"))

    assert opened.getpixel((16, 16)) == (255, 255, 255)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (32, 32), "lime"), Image.new("RGB", (32, 32), "black")]

    opened = open_upload(_encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    assert opened.getpixel((16, 16)) == (0, 255, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)
def test_what_is_no_picture_is_refused_with_the_formats_that_are_taken(body: bytes) -> None:
    with pytest.raises(UnusableImage, match=r"JPEG, PNG, WEBP, GIF or AVIF") as refused:
        open_upload(body)
    assert (refused.value.code, refused.value.status_code) == ("unusable-image", 422)


def test_a_picture_of_another_format_is_refused() -> None:
    with pytest.raises(UnusableImage, match="format"):
        open_upload(_encoded(Image.new("RGB", (64, 64)), "BMP"))


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_cut_off_in_the_middle_is_called_damaged(image_format: str) -> None:
    noise = Image.effect_noise((200, 200), 60).convert("RGB")
    body = _encoded(noise, image_format)

    with pytest.raises(UnusableImage, match="damaged"):
        open_upload(body[: len(body) // 2])


def test_more_bytes_than_the_limit_are_refused_before_decoding() -> None:
    with pytest.raises(ImageTooLarge, match="20 MB"):
        open_upload(b"\0" * (images.UPLOAD_BYTES + 1))


@pytest.mark.parametrize("size", [(10_000, 5_001), (60_000, 60_000)])
def test_a_small_file_that_unpacks_to_too_many_pixels_is_refused(size: tuple[int, int]) -> None:
    header = _encoded(Image.new("1", (64, 64)))
    # A PNG says its size in bytes 16 to 24; the check has to come before the rest is read.
    bomb = header[:16] + size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big") + header[24:]
    bomb = bomb[:29] + _png_checksum(bomb[12:29]) + bomb[33:]

    with pytest.raises(ImageTooLarge, match="50 megapixels") as refused:
        open_upload(bomb)
    assert refused.value.code == "image-too-large"


def test_a_tracking_pixel_is_refused() -> None:
    with pytest.raises(UnusableImage, match="smaller than 16 pixels"):
        open_upload(_encoded(Image.new("RGB", (200, 15))))


def _png_checksum(chunk: bytes) -> bytes:
    return zlib.crc32(chunk).to_bytes(4, "big")


@given(body=st.binary(max_size=400))
def test_whatever_bytes_come_the_answer_is_a_picture_or_a_sentence(body: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\x00\x01\x00\x00WEBP"):
        with pytest.raises(UnusableImage):
            open_upload(start + body)
