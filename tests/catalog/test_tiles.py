import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catalog.demo.pictures import Picture, Subject, take
from catalog.demo.placeholders import stand_in
from catalog.tiles import HEIGHT, TONES, WIDTH, Cutout, Pose, Tint, compose_tile, pick_tone, recolor


def _disc(color: tuple[int, int, int]) -> Image.Image:
    render = Image.new("RGBA", (64, 64))
    render.paste((*color, 255), (8, 8, 56, 56))
    return render


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize("pose", list(Pose))
def test_a_tile_shows_the_render_in_its_middle_and_the_wall_around_it(pose: Pose) -> None:
    tile = compose_tile([Cutout(_disc((200, 0, 0)), pose)], TONES["sand"])

    assert tile.size == (WIDTH, HEIGHT)
    assert _pixel(tile, WIDTH // 2, HEIGHT // 2) == (200, 0, 0)
    red, _, blue = _pixel(tile, 5, 5)
    assert 200 < blue < red


def test_what_stands_casts_its_shadow_on_the_floor_below() -> None:
    tile = compose_tile([Cutout(_disc((200, 0, 0)))], TONES["stone"])
    column = [sum(_pixel(tile, WIDTH // 2, y)) for y in range(HEIGHT)]
    foot = max(y for y in range(HEIGHT) if _pixel(tile, WIDTH // 2, y) == (200, 0, 0))

    assert column[foot + 12] < column[40] - 60
    assert column[HEIGHT - 1] > column[foot + 12] + 60


def test_the_first_cutout_is_at_the_back() -> None:
    tile = compose_tile([Cutout(_disc((200, 0, 0))), Cutout(_disc((0, 0, 200)), size=0.5)], TONES["sand"])

    assert _pixel(tile, WIDTH // 2, HEIGHT // 2) == (0, 0, 200)


def test_an_empty_render_leaves_an_empty_wall() -> None:
    tile = compose_tile([Cutout(Image.new("RGBA", (64, 64)))], TONES["mist"])

    assert tile.size == (WIDTH, HEIGHT)


def test_a_tint_moves_the_hue_and_keeps_the_outline() -> None:
    green = recolor(_disc((200, 0, 0)), Tint(hue=120))

    red_part, green_part, blue_part, _ = _pixel(green, 32, 32)
    assert green_part > 190
    assert red_part < 15
    assert blue_part < 15
    assert _pixel(green, 2, 2)[3] == 0


def test_a_tint_within_a_range_leaves_other_hues_alone() -> None:
    tint = Tint(hue=120, within=(340, 20))

    assert _pixel(recolor(_disc((0, 0, 200)), tint), 32, 32) == (0, 0, 200, 255)
    assert _pixel(recolor(_disc((200, 0, 0)), tint), 32, 32)[1] > 190


@given(st.text())
def test_a_tone_is_picked_for_any_seed_and_always_the_same(seed: str) -> None:
    assert pick_tone(seed) in TONES
    assert pick_tone(seed) == pick_tone(seed)


def test_tones_are_spread_over_products() -> None:
    assert {pick_tone(f"product-{number}") for number in range(200)} == set(TONES)


def test_a_picture_is_taken_in_every_width_as_small_files() -> None:
    sizes = take(Picture((Subject("teapot"),), "solo", "sand", "A teapot"))

    assert [(size.width, size.height) for size in sizes] == [(320, 400), (560, 700), (800, 1000)]
    assert all(1_000 < len(size.body) < 30_000 for size in sizes)


def test_taking_a_picture_again_gives_the_same_bytes() -> None:
    picture = Picture((Subject("cap", Tint(hue=40)),), "close", "mist", "A cap")

    assert take(picture) == take(picture)


def test_the_key_follows_what_is_shown_and_not_what_is_said_of_it() -> None:
    teapot = Picture((Subject("teapot"),), "solo", "sand", "A teapot")

    assert Picture((Subject("teapot"),), "solo", "sand", "Another word for it").key == teapot.key
    others = [
        Picture((Subject("cup"),), "solo", "sand", ""),
        Picture((Subject("teapot", Tint(hue=1)),), "solo", "sand", ""),
        Picture((Subject("teapot"),), "close", "sand", ""),
        Picture((Subject("teapot"),), "solo", "mist", ""),
        Picture((Subject("teapot"),), "solo", "sand", "", Pose.LYING),
    ]
    assert len({teapot.key, *(other.key for other in others)}) == 6


@pytest.mark.parametrize(
    ("words", "render"),
    [
        (("backpack", "accessories"), "backpack"),
        (("chairs", "furniture"), "chair"),
        (("nachos", "food service"), "place-setting"),
        (("", "Groceries"), "basket"),
        (("belt", "accessories"), "handbag"),
        (("", "日本"), "parcel"),
    ],
)
def test_a_stand_in_is_chosen_by_style_then_by_category(words: tuple[str, str], render: str) -> None:
    picture = stand_in(*words, seed="1", alt="A stand-in")

    assert [subject.render for subject in picture.subjects] == [render]


def test_stand_ins_for_one_thing_share_a_few_pictures() -> None:
    keys = {stand_in("chairs", seed=str(number), alt="").key for number in range(100)}

    assert len(keys) == 3
