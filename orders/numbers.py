"""Order numbers: for people to read out, for nobody to guess.

``LUSAB-MODIK-47`` is two words of consonant and vowel in turn, and two digits: 40 bits, so that the
chance that any two of a million orders would share one is four in ten, and a guess hits one of them
once in a million tries. A number alone opens nothing; the order page asks for a key as well.
"""

import re
import secrets

# Without C, J, Q, X, Y, which are said in several ways. No letter is in the place of a digit, so
# that O and 0, I and 1 cannot be taken for one another.
_CONSONANTS = "BDFGHKLMNPRSTVWZ"
_VOWELS = "AEIOU"
_WORD_SHAPE = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)

# Parts of words that nobody should get with a receipt.
_UNWANTED = re.compile(
    "ANUS|BITES|DEBIL|DIK|DILDO|FAG|FIK|FUK|FUT|HEROIN|HITLE|HOMO|HUR|KAK|KIL|KUK|KUL|KUT|LUDE|MERD|MONGO|MORON|"
    "NAZI|NEGER|NIG|NUT|PEDO|PENIS|PIMEL|PIS|PORN|PUT|RAP|RETAR|SALOP|SATAN|SEKS|SIDA|SUK|TIT|TOT|VAGIN|WIKS"
)
_NUMBER = re.compile(f"({''.join(f'[{letters}]' for letters in _WORD_SHAPE)})" * 2 + r"([0-9]{2})")


def new_number() -> str:
    """Make a number at random; the write of its order must still ask that it is free."""
    return f"{_new_word()}-{_new_word()}-{secrets.randbelow(100):02}"


def parse_number(text: str) -> str | None:
    """Read a number as people type it: "lusab modik 47", with 0 for O or O for 0; None if it is none."""
    bare = re.sub(r"[^0-9A-Z]", "", text.upper())
    words, digits = bare[:10].translate(_TO_LETTERS), bare[10:].translate(_TO_DIGITS)
    match = _NUMBER.fullmatch(words + digits)
    return "-".join(match.groups()) if match else None


_TO_LETTERS = str.maketrans("01", "OI")
_TO_DIGITS = str.maketrans("OIL", "011")


def _new_word() -> str:
    while True:
        word = "".join(secrets.choice(letters) for letters in _WORD_SHAPE)
        if not _UNWANTED.search(word):
            return word
