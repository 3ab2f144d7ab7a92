"""Geometry of the dashboard's chart. Pure: numbers in, rectangles out; colors are the style sheet's."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 200


@dataclass(frozen=True)
class Bar:
    """A rectangle in a drawing of `WIDTH` x `HEIGHT`."""

    x: int
    y: int
    width: int
    height: int


def draw_bars(values: Sequence[int]) -> list[Bar]:
    """Give a bar for each value, the highest as high as the drawing; below zero is zero.

    What is not nothing is at least two units high, so that it can be seen.
    """
    highest = max([*values, 1])
    step = WIDTH // max(len(values), 1)
    gap = step // 4
    bars = []
    for index, value in enumerate(values):
        height = max(2, round(HEIGHT * value / highest)) if value > 0 else 0
        bars.append(Bar(index * step + gap // 2, HEIGHT - height, step - gap, height))
    return bars
