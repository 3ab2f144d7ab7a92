"""The demo store's photo studio: which renders stand where in a picture, and how to take it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image

from catalog import tiles
from catalog.images import EncodedImage, make_key, make_sizes
from catalog.models import Image as StoredImage
from catalog.tiles import TONES, Cutout, Pose, Tint

RENDERS = Path(__file__).parent / "renders"

# A card shows a picture at some 300 pixels, the product page at some 700. The renders are 256 pixels across and are
# enlarged twice already: more than 800 would add bytes and seconds, and nothing to see.
WIDTHS = (320, 560, 800)

# Part of every picture's key: a change in how pictures are taken must change their addresses.
REVISION = "1"

# The renders are as loud as icons have to be; a shop window is calmer.
SATURATION = 0.92

AS_RENDERED = Tint()


@dataclass(frozen=True)
class Subject:
    """A render by its file's name, in its own color or another."""

    render: str
    tint: Tint = AS_RENDERED

    def load(self) -> Image.Image:
        tint = Tint(self.tint.hue, self.tint.saturation * SATURATION, self.tint.brightness, self.tint.within)
        return tiles.recolor(_read_render(self.render), tint)


@dataclass(frozen=True)
class Picture:
    """A picture before it is taken; equal pictures have equal keys and need to be taken once."""

    subjects: tuple[Subject, ...]
    scene: str
    tone: str
    alt: str
    pose: Pose = Pose.STANDING
    prefix: str = "products"

    @cached_property
    def key(self) -> str:
        recipe = repr((REVISION, WIDTHS, self.subjects, self.scene, self.tone, self.pose))
        renders = [(RENDERS / f"{subject.render}.webp").read_bytes() for subject in self.subjects]
        return make_key(self.prefix, recipe.encode(), *renders)

    def as_image(self) -> StoredImage:
        """What a product or category stores of the picture; known before the picture is taken."""
        return StoredImage(key=self.key, widths=list(WIDTHS), width=tiles.WIDTH, height=tiles.HEIGHT, alt=self.alt)


def take(picture: Picture) -> list[EncodedImage]:
    """Compose the picture and encode it in every width, smallest first."""
    renders = [subject.load() for subject in picture.subjects]
    tile = tiles.compose_tile(SCENES[picture.scene](renders, picture.pose), TONES[picture.tone])
    return make_sizes(tile, widths=WIDTHS)


@lru_cache(maxsize=128)
def _read_render(name: str) -> Image.Image:
    with Image.open(RENDERS / f"{name}.webp") as image:
        return image.convert("RGBA")


def _solo(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    return [Cutout(renders[0], pose)]


def _close(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    if pose is Pose.LYING:
        return [Cutout(renders[0], pose, x=0.42, y=0.54, size=1.6)]
    return [Cutout(renders[0], pose, x=0.43, y=0.93, size=1.55)]


def _row(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    places = ((0.25, 0.64, 0.68), (0.75, 0.64, 0.68), (0.5, 0.72, 0.86))
    return [Cutout(renders[0], pose, x=x, y=y, size=size) for x, y, size in places]


def _trio(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    front, *back = renders
    behind = [Cutout(back[0], pose, x=0.28, y=0.62, size=0.68), Cutout(back[-1], pose, x=0.73, y=0.62, size=0.68)]
    return [*behind, Cutout(front, pose, x=0.5, y=0.76, size=0.8)]


def _pair(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    front, back = renders
    return [Cutout(back, pose, x=0.67, y=0.64, size=0.78), Cutout(front, pose, x=0.41, y=0.76, size=0.86)]


def _scatter(renders: Sequence[Image.Image], pose: Pose) -> list[Cutout]:
    places = ((0.29, 0.33, 7), (0.51, 0.50, 0), (0.71, 0.67, -6))
    last = len(renders) - 1
    return [
        Cutout(renders[min(index, last)], Pose.LYING, x=x, y=y, size=0.72, turn=turn)
        for index, (x, y, turn) in enumerate(places)
    ]


# A scene places renders on a tile, from back to front; the first render is the one in front.
SCENES: Mapping[str, Callable[[Sequence[Image.Image], Pose], list[Cutout]]] = {
    "solo": _solo,
    "close": _close,
    "row": _row,
    "trio": _trio,
    "pair": _pair,
    "scatter": _scatter,
}
