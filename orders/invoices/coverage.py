"""Which characters the fonts of the documents have. Nothing that lacks a letter is ever printed silently."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FONTS = Path(__file__).with_name("fonts")
_RANGES = FONTS / "coverage.txt"


@dataclass(frozen=True)
class Printable:
    """A text that can be printed: ``missing`` are the characters for which it says their code instead."""

    text: str
    missing: tuple[str, ...]

    @property
    def is_right_to_left(self) -> bool:
        """Whether its first letter belongs to a script that is read from right to left."""
        directions = (unicodedata.bidirectional(character) for character in self.text)
        return next((each for each in directions if each in {"L", "R", "AL"}), "L") != "L"


def make_printable(text: str) -> Printable:
    """Write out what no font has: a unicorn becomes ``[U+1F984]``. Joiners and the like need no picture."""
    printed, missing = [], []
    for character in unicodedata.normalize("NFC", text):
        if is_covered(character):
            printed.append(character)
        elif unicodedata.category(character) == "Cc":
            printed.append(" ")
        elif not _is_invisible(character):
            printed.append(f"[U+{ord(character):04X}]")
            missing.append(character)
    return Printable("".join(printed), tuple(missing))


def is_covered(character: str) -> bool:
    """Whether one of the fonts has the character."""
    firsts, lasts = _load_ranges()
    position = bisect_right(firsts, ord(character)) - 1
    return position >= 0 and ord(character) <= lasts[position]


def list_covered() -> list[str]:
    """List all characters that can be printed."""
    firsts, lasts = _load_ranges()
    return [chr(code) for first, last in zip(firsts, lasts, strict=True) for code in range(first, last + 1)]


@cache
def _load_ranges() -> tuple[list[int], list[int]]:
    pairs = [line.split("-") for line in _RANGES.read_text().split()]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


def _is_invisible(character: str) -> bool:
    # Format characters, and the selectors that choose between two shapes of one character.
    return unicodedata.category(character) == "Cf" or "VARIATION SELECTOR" in unicodedata.name(character, "")
