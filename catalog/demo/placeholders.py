"""Stand-in pictures for products that come without one, chosen by what they are called."""

from __future__ import annotations

from catalog.demo.pictures import Picture, Subject
from catalog.tiles import TONES, Pose, pick_tone

# A few walls for each thing: enough that a page of chairs is not wallpaper, few enough to be taken quickly.
TONES_PER_THING = 3

# Words for styles and categories, singular, with the render that stands for them.
STAND_INS = {
    "accessory": "handbag",
    "apparel": "t-shirt",
    "arrangement": "bouquet",
    "backpack": "backpack",
    "bag": "handbag",
    "bakery": "bread",
    "bathing": "soap",
    "beauty": "lotion",
    "book": "books",
    "boot": "hiking-boot",
    "bouquet": "bouquet",
    "bowl": "stewpot",
    "camera": "camera",
    "camping": "tent",
    "centerpiece": "bouquet",
    "chair": "chair",
    "christmas": "christmas-tree",
    "clock": "mantel-clock",
    "cold dispensed": "cup",
    "computer": "laptop",
    "decorative": "framed-print",
    "electronics": "laptop",
    "floral": "bouquet",
    "food service": "place-setting",
    "footwear": "sneaker",
    "formal": "derby",
    "furniture": "sofa",
    "glasses": "sunglasses",
    "grocery": "basket",
    "grooming": "lotion",
    "hammer": "hammer",
    "handbag": "handbag",
    "headphone": "headphones",
    "homedecor": "lantern",
    "hot chocolate": "cup",
    "hot dispensed": "cup",
    "houseware": "teapot",
    "instrument": "violin",
    "jacket": "coat",
    "jewelry": "ring",
    "key": "keyboard",
    "keyboard": "keyboard",
    "kitchen": "pan",
    "knife": "knife",
    "lighting": "bulb",
    "microphone": "studio-mic",
    "outdoor": "tent",
    "percussion": "drum",
    "plant": "plant",
    "salty snack": "basket",
    "sandal": "sandals",
    "saw": "handsaw",
    "scarf": "scarf",
    "seasonal": "gift",
    "shirt": "t-shirt",
    "sneaker": "sneaker",
    "sock": "socks",
    "sofa": "sofa",
    "soup and salad": "stewpot",
    "speaker": "radio",
    "string": "violin",
    "tool": "toolbox",
    "travel": "map",
    "valentine": "gift",
    "watch": "watch",
}
ANYTHING = "parcel"

LYING = {
    "bouquet",
    "coat",
    "hammer",
    "handsaw",
    "keyboard",
    "knife",
    "map",
    "pan",
    "place-setting",
    "sandals",
    "scarf",
    "soap",
    "socks",
    "t-shirt",
    "violin",
}


def stand_in(*words: str, seed: str, alt: str) -> Picture:
    """The picture for the first of the words that is known, on one of a few walls picked by the seed."""
    render = next((STAND_INS[key] for word in words for key in _spellings(word) if key in STAND_INS), ANYTHING)
    tone = _tone(render, seed)
    pose = Pose.LYING if render in LYING else Pose.STANDING
    return Picture((Subject(render),), "solo", tone, alt, pose)


def _spellings(word: str) -> list[str]:
    word = word.strip().casefold()
    return [word, word.removesuffix("s"), word.removesuffix("ies") + "y", word.removesuffix("es")]


def _tone(render: str, seed: str) -> str:
    names = list(TONES)
    first = names.index(pick_tone(render))
    step = names.index(pick_tone(seed)) % TONES_PER_THING
    return names[(first + step * 2) % len(names)]
