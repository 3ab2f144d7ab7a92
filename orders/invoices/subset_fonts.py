"""Make the fonts of the invoices, and the list of what they can write, from fonts as their makers publish them.

    python orders/invoices/subset_fonts.py FOLDER

``FOLDER`` holds the files that fonts/README.md names. Needs fontTools, which nothing else of the shop does.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).with_name("fonts")

Ranges = tuple[tuple[int, int], ...]

_LETTERS: Ranges = (
    (0x20, 0x7E),
    (0xA0, 0x24F),  # Latin
    (0x250, 0x36F),  # phonetic letters, accents that stand by themselves
    (0x370, 0x3FF),  # Greek
    (0x400, 0x52F),  # Cyrillic
    (0x1E00, 0x1FFF),  # Vietnamese and other Latin, ancient Greek
    (0x2000, 0x206F),  # punctuation
    (0x2070, 0x20CF),  # small digits, currencies
    (0x2100, 0x214F),  # No., TM, degrees
    (0x2190, 0x2199),
    (0x2212, 0x2212),
)
_ARABIC: Ranges = ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF))
_HEBREW: Ranges = ((0x591, 0x5F4), (0x20AA, 0x20AA), (0xFB1D, 0xFB4F))
_KANA_AND_SIGNS: Ranges = ((0x3000, 0x30FF), (0x31F0, 0x31FF), (0x3200, 0x33FF), (0xFF00, 0xFFEF))
_BOPOMOFO: Ranges = ((0x3100, 0x312F), (0x31A0, 0x31BF))
_HANGUL: Ranges = ((0x3130, 0x318F), (0xAC00, 0xD7A3))
_IDEOGRAPHS: Ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


@dataclass(frozen=True)
class Part:
    """One file to make: which characters of which font; ``encoding`` narrows them to those of a national standard."""

    source: str
    target: str
    family: str
    ranges: Ranges
    number: int = -1
    encoding: str | None = None

    @property
    def characters(self) -> set[int]:
        wanted = {code for first, last in self.ranges for code in range(first, last + 1)}
        return {code for code in wanted if self.encoding is None or _has_code(chr(code), self.encoding)}


def _has_code(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


CJK = "NotoSansCJK-Regular.ttc"
PARTS = (
    Part("InstrumentSans_400Regular.ttf", "InstrumentSans-Regular.ttf", "Instrument Sans", _LETTERS),
    Part("InstrumentSans_600SemiBold.ttf", "InstrumentSans-SemiBold.ttf", "Instrument Sans", _LETTERS),
    Part("NotoSans-Regular.ttf", "NotoSans-Regular.ttf", "Noto Sans", _LETTERS),
    Part("NotoSans-Bold.ttf", "NotoSans-Bold.ttf", "Noto Sans", _LETTERS),
    Part("NotoSansArabic-Regular.ttf", "NotoSansArabic-Regular.ttf", "Noto Sans Arabic", _ARABIC),
    Part("NotoSansArabic-Bold.ttf", "NotoSansArabic-Bold.ttf", "Noto Sans Arabic", _ARABIC),
    Part("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Regular.ttf", "Noto Sans Hebrew", _HEBREW),
    Part("NotoSansHebrew-Bold.ttf", "NotoSansHebrew-Bold.ttf", "Noto Sans Hebrew", _HEBREW),
    # One shape for each ideograph, the mainland's, except for letters to Japan, which begin with Japan's own.
    Part(CJK, "NotoSansSC-Regular.otf", "Noto Sans SC", (*_KANA_AND_SIGNS, *_BOPOMOFO, *_IDEOGRAPHS), number=2),
    Part(
        CJK, "NotoSansJP-Regular.otf", "Noto Sans JP", (*_KANA_AND_SIGNS, *_IDEOGRAPHS), number=0, encoding="shift_jis"
    ),
    Part(CJK, "NotoSansKR-Regular.otf", "Noto Sans KR", _HANGUL, number=1),
)


def main(folder: Path) -> None:
    covered: set[int] = set()
    for part in PARTS:
        covered |= make_part(part, folder)
    (FONTS / "coverage.txt").write_text("".join(f"{line}\n" for line in write_ranges(covered)))


def make_part(part: Part, folder: Path) -> set[int]:
    """Write one file; gives the characters that it has."""
    font = TTFont(folder / part.source, fontNumber=part.number)
    options = subset.Options(hinting=False, desubroutinize=False, name_IDs=["*"], notdef_outline=True)
    options.layout_features = ["*"] if part.number < 0 else ["kern", "palt", "ccmp", "liga"]
    options.drop_tables += ["DSIG", "VORG", "vhea", "vmtx", "BASE", "STAT"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=part.characters)
    subsetter.subset(font)
    _rename(font, part.family)
    # The same input gives the same file, on whatever day.
    font.recalcTimestamp = False
    font.save(FONTS / part.target)
    return set(font.getBestCmap())


def _rename(font: TTFont, family: str) -> None:
    style = font["name"].getDebugName(17) or font["name"].getDebugName(2)
    for number in (16, 17, 21, 22, 25):
        font["name"].removeNames(nameID=number)
    for record in list(font["name"].names):
        text = {1: family, 2: style, 4: f"{family} {style}", 6: f"{family}-{style}".replace(" ", "")}.get(record.nameID)
        if text:
            record.string = text


def write_ranges(codes: Iterable[int]) -> Iterable[str]:
    """Write code points as ranges: "20-7e"."""
    first = last = -1
    for code in sorted(codes):
        if code != last + 1:
            if first >= 0:
                yield f"{first:x}-{last:x}"
            first = code
        last = code
    yield f"{first:x}-{last:x}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
