"""Studio pictures from cut-out renders: renders, a soft wall behind them, shadows beneath. Pure: no store, no clock."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter

WIDTH = 800
HEIGHT = 1000  # 4:5, the shape of every media tile in the shop

# Tables from a level of 0 to 255 to another, for Image.point.
EASE = [round(255 * (level / 255) ** 2 * (3 - 2 * level / 255)) for level in range(256)]
FAINT = [128 + round((level - 128) * 3.5 / 128) for level in range(256)]
STEEPEN = [max(0, min(255, round((level - 128) * 2.2 + 128))) for level in range(256)]
SOLID = [min(255, level * 4) for level in range(256)]

SOFTEN = ImageFilter.GaussianBlur(0.9)
MARGIN = 2  # pixels of a render around what it shows, in which its outline can soften
HUE_FALLOFF = 14  # degrees beyond a tint's range over which it fades

# The lamp hangs to the upper left of every tile, so that pictures side by side look taken in one room.
LAMP = (0.36, 0.30)
SHADOW_SCALE = 8  # Shadows are drawn this much smaller: they are soft, and a blur costs by the pixel.


class Color(NamedTuple):
    red: int
    green: int
    blue: int


class Tone(NamedTuple):
    """A wall: its color under the lamp and in the corners, and the color of shadows on it."""

    light: Color
    corner: Color
    shadow: Color


# Light, low in chroma, so that the shop's neutral chrome stays neutral beside them in light and in dark.
TONES = {
    "sand": Tone(Color(243, 236, 225), Color(226, 213, 193), Color(92, 66, 34)),
    "clay": Tone(Color(245, 231, 224), Color(230, 205, 193), Color(98, 52, 34)),
    "rose": Tone(Color(246, 231, 233), Color(230, 206, 210), Color(96, 42, 54)),
    "lilac": Tone(Color(237, 233, 244), Color(214, 207, 228), Color(58, 44, 92)),
    "mist": Tone(Color(230, 237, 244), Color(203, 215, 228), Color(32, 56, 88)),
    "lagoon": Tone(Color(226, 239, 238), Color(197, 218, 216), Color(22, 66, 66)),
    "sage": Tone(Color(232, 239, 228), Color(207, 220, 199), Color(44, 68, 36)),
    "butter": Tone(Color(247, 240, 219), Color(234, 220, 182), Color(98, 74, 20)),
    "stone": Tone(Color(239, 239, 240), Color(216, 217, 220), Color(46, 48, 56)),
}


class Pose(Enum):
    STANDING = "standing"  # on the floor, seen from the front: a contact shadow under its base
    LYING = "lying"  # on the table, seen from above: a soft shadow around it


@dataclass(frozen=True)
class Cutout:
    """A render and its place: `x` and `y` in tile widths and heights (the base of what stands, the center
    of what lies), `size` 1 for a product alone on its tile, `turn` in degrees counterclockwise."""

    render: Image.Image
    pose: Pose = Pose.STANDING
    x: float = 0.5
    y: float | None = None
    size: float = 1.0
    turn: float = 0


@dataclass(frozen=True)
class Tint:
    """Another color for the same thing: `hue` in degrees around the circle, the others as factors.

    With `within`, only hues from the first to the second (clockwise, in degrees) move, so that a brass
    zip stays brass on a blue bag; hues near the edges move in part, which keeps gradients smooth.
    """

    hue: int = 0
    saturation: float = 1.0
    brightness: float = 1.0
    within: tuple[int, int] | None = None


def pick_tone(seed: str) -> str:
    """The name of a tone, the same for the same seed on every machine and in every version of Python."""
    names = list(TONES)
    return names[int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % len(names)]


def recolor(render: Image.Image, tint: Tint) -> Image.Image:
    """The same render in another color; what is transparent stays so."""
    hues, saturations, values = render.convert("RGB").convert("HSV").split()
    colored = Image.merge(
        "HSV",
        (
            hues.point([_moved_hue(level, tint) for level in range(256)]),
            saturations.point([min(255, round(level * tint.saturation)) for level in range(256)]),
            values.point([min(255, round(level * tint.brightness)) for level in range(256)]),
        ),
    ).convert("RGB")
    colored.putalpha(render.getchannel("A"))
    return colored


def compose_tile(cutouts: Sequence[Cutout], tone: Tone) -> Image.Image:
    """A picture of `WIDTH` x `HEIGHT` with the cutouts from back to front."""
    tile = _wall(tone).copy()
    for cutout in cutouts:
        picture = _enlarge(cutout)
        left, top = _corner(cutout, picture)
        cast = _cast_lying_shadow if cutout.pose is Pose.LYING else _cast_standing_shadow
        cast(tile, picture.getchannel("A"), left, top, tone.shadow)
        tile.paste(picture, (left, top), picture)
    return tile


def _moved_hue(level: int, tint: Tint) -> int:
    """One entry of the hue table; a level is 1/256 of the circle."""
    share = 1.0
    if tint.within:
        start, end = tint.within
        width = (end - start) % 360
        inside = (level * 360 / 256 - start) % 360
        outside = min(inside - width, 360 - inside) if inside > width else 0
        share = max(0.0, 1 - outside / HUE_FALLOFF)
    return round(level + share * tint.hue * 256 / 360) % 256


@lru_cache(maxsize=len(TONES))
def _wall(tone: Tone) -> Image.Image:
    glow = Image.radial_gradient("L").resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.BICUBIC).point(EASE)
    left, top = round(WIDTH * (1 - LAMP[0])), round(HEIGHT * (1 - LAMP[1]))
    mask = glow.crop((left, top, left + WIDTH, top + HEIGHT))
    corner, light = Image.new("RGB", (WIDTH, HEIGHT), tone.corner), Image.new("RGB", (WIDTH, HEIGHT), tone.light)
    wall = Image.composite(corner, light, mask)
    return ImageChops.add(wall, _grain(), offset=-128)


def _grain() -> Image.Image:
    """A little noise, always the same: without it, so soft a light shows rings where one shade ends."""
    noise = random.Random(4).randbytes(WIDTH * HEIGHT)
    grain = Image.frombytes("L", (WIDTH, HEIGHT), noise).point(FAINT)
    return Image.merge("RGB", (grain, grain, grain))


def _enlarge(cutout: Cutout) -> Image.Image:
    """The render trimmed, turned and sized to its share of the tile."""
    render = _trim(cutout.render)
    if cutout.turn:
        render = _trim(render.rotate(cutout.turn, Image.Resampling.BICUBIC, expand=True))
    factor = cutout.size * min(0.66 * WIDTH / render.width, 0.52 * HEIGHT / render.height)
    size = (round(render.width * factor), round(render.height * factor))
    picture = render.resize(size, Image.Resampling.BICUBIC)
    # Enlarged two or three times, an outline shows its pixels. Blurred first and made steep again after,
    # it comes out smooth, as a rendering of that size would be.
    outline = render.getchannel("A").filter(SOFTEN).resize(size, Image.Resampling.BICUBIC).point(STEEPEN)
    picture.putalpha(ImageChops.darker(outline, picture.getchannel("A").point(SOLID)))
    return picture


def _trim(render: Image.Image) -> Image.Image:
    """Cut away what is empty but for a margin, in which the outline can soften."""
    left, top, right, bottom = render.getchannel("A").getbbox() or (0, 0, *render.size)
    return render.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))


def _corner(cutout: Cutout, picture: Image.Image) -> tuple[int, int]:
    left = round(WIDTH * cutout.x - picture.width / 2)
    if cutout.pose is Pose.LYING:
        return left, round(HEIGHT * (cutout.y or 0.5) - picture.height / 2)
    # What stands alone has its middle a little below the tile's, where the eye expects weight.
    base = HEIGHT * cutout.y if cutout.y else HEIGHT * 0.53 + picture.height / 2
    return left, round(base - picture.height)


def _cast_lying_shadow(tile: Image.Image, outline: Image.Image, left: int, top: int, color: Color) -> None:
    _darken(tile, outline, (left + 12, top + 22), blur=18, strength=0.30, color=color)
    _darken(tile, outline, (left + 3, top + 7), blur=7, strength=0.22, color=color)


def _cast_standing_shadow(tile: Image.Image, outline: Image.Image, left: int, top: int, color: Color) -> None:
    # Wide and faint from the whole thing, narrow and dark where it touches the floor.
    for part, squeeze, blur, strength in ((1.0, 0.14, 20, 0.22), (0.12, 0.07, 7, 0.45)):
        slice_top = round(outline.height * (1 - part))
        height = max(SHADOW_SCALE, round(outline.width * squeeze))
        flat = outline.crop((0, slice_top, outline.width, outline.height)).resize((outline.width, height))
        floor = top + outline.height - round(height * 0.62)
        _darken(tile, flat, (left + 5, floor), blur=blur, strength=strength, color=color)


def _darken(
    tile: Image.Image, outline: Image.Image, corner: tuple[int, int], *, blur: int, strength: float, color: Color
) -> None:
    """Paint `color` over the tile through the outline, its edges softened over `blur` pixels."""
    margin = 3 * blur
    room = (outline.width + 2 * margin, outline.height + 2 * margin)
    small = Image.new("L", (room[0] // SHADOW_SCALE, room[1] // SHADOW_SCALE))
    inner = (max(1, outline.width // SHADOW_SCALE), max(1, outline.height // SHADOW_SCALE))
    small.paste(outline.resize(inner), (margin // SHADOW_SCALE, margin // SHADOW_SCALE))
    soft = small.filter(ImageFilter.GaussianBlur(blur / SHADOW_SCALE)).point(lambda level: level * strength)
    tile.paste(color, (corner[0] - margin, corner[1] - margin), soft.resize(room, Image.Resampling.BICUBIC))
