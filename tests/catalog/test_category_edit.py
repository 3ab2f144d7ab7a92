from collections.abc import Callable

import pytest

from catalog import categories, tasks
from catalog.categories import CategoryCycle, CategoryNotEmpty, InvalidCategory, UnknownCategory
from catalog.models import Card, Category, CategoryTree, Move, Product, Status
from catalog.publishing import SlugTaken
from catalog.services import save_product
from catalog.tree import Tree
from catalog.validation import InvalidProduct
from cloudcart.errors import EditConflict
from tests.factories import LONG_AGO, build_product, make_category_tree, make_product, move_category


def stored_tree() -> Tree:
    return Tree(CategoryTree.get(CategoryTree.MAIN).categories)


def listings_with(product: Product) -> list[str]:
    return sorted(card.listing for card in Card.scan() if card.product_id == product.product_id)


def rename(category: Category, slug: str) -> None:
    categories.save_categories(categories=[Category(category_id=category.category_id, slug=slug, name=category.name)])


def test_categories_keep_the_order_they_were_given_in() -> None:
    make_category_tree({"kitchen": {"tea": {}, "pots": {}}, "desk": {}})
    tree = stored_tree()
    assert [category.slug for category in tree.top] == ["kitchen", "desk"]
    assert [category.slug for category in tree.children_of("kitchen")] == ["tea", "pots"]


def test_saving_a_category_again_keeps_its_place_and_its_former_slug() -> None:
    tea = make_category_tree({"kitchen": {"tea": {}, "pots": {}}})["tea"]
    rename(tea, "tea-and-coffee")
    found = stored_tree().find_by_former_slug("tea")
    assert found is not None
    assert (found.slug, found.parent_id) == ("tea-and-coffee", "kitchen")
    assert [category.category_id for category in stored_tree().children_of("kitchen")] == ["tea", "pots"]


def test_a_category_is_edited_and_moved_in_one_write_unless_somebody_else_saved_it() -> None:
    make_category_tree({"kitchen": {"tea": {}}, "desk": {}})
    product = make_product(category="tea")
    mine, late = (Tree(CategoryTree.get(CategoryTree.MAIN).categories).find("tea") for _ in range(2))
    assert mine is not None
    assert late is not None
    seen = mine.fingerprint
    mine.name, mine.parent_id = "Teas", "desk"
    categories.edit_category(category=mine, seen=seen)
    assert [part.name for part in stored_tree().path_to("tea")][1:] == ["Teas"]
    assert "category:desk" in listings_with(product)
    assert "category:kitchen" not in listings_with(product)
    with pytest.raises(EditConflict):
        categories.edit_category(category=late, seen=seen)


def test_a_category_gets_its_former_slug_back() -> None:
    tea = make_category_tree(["tea"])["tea"]
    rename(tea, "tea-and-coffee")
    rename(tea, "tea")
    found = stored_tree().find_by_slug("tea")
    assert found is not None
    assert found.former_slugs == ["tea-and-coffee"]


@pytest.mark.parametrize("slug", ["tea", "old-tea"])
def test_a_slug_of_another_category_is_taken_now_and_from_former_times(slug: str) -> None:
    tea = make_category_tree(["old-tea"])["old-tea"]
    rename(tea, "tea")
    with pytest.raises(SlugTaken) as caught:
        categories.save_categories(categories=[Category(category_id="new", slug=slug, name="Tea")])
    assert caught.value.extra == {"slug": slug}
    assert len(stored_tree()) == 1


@pytest.mark.parametrize(
    ("category", "field"),
    [
        (Category(category_id="a", slug="Ä b", name="A"), "slug"),
        (Category(category_id="a", slug="menu", name="Menu"), "slug"),
        (Category(category_id="a", slug="a", name=" "), "name"),
        (Category(category_id="a#b", slug="a", name="A"), "category_id"),
        (Category(category_id="a", slug="a", name="A", parent_id="gone"), "parent_id"),
        (Category(category_id="a", slug="a", name="A", parent_id="a"), "parent_id"),
    ],
)
def test_an_unfit_category_is_refused_and_the_field_named(category: Category, field: str) -> None:
    with pytest.raises(InvalidCategory) as caught:
        categories.save_categories(categories=[category])
    assert [problem.field for problem in caught.value.problems] == [field]
    assert CategoryTree.count(CategoryTree.MAIN) == 0


def test_a_moved_category_takes_the_cards_of_all_products_below_along() -> None:
    make_category_tree({"kitchen": {"drinks": {"tea": {}}}, "gifts": {}})
    deep, shallow, other = make_product(category="tea"), make_product(category="drinks"), make_product(category="gifts")
    move_category("drinks", "gifts")
    assert listings_with(deep) == ["all", "category:drinks", "category:gifts", "category:tea", "home"]
    assert listings_with(shallow) == ["all", "category:drinks", "category:gifts", "home"]
    assert listings_with(other) == ["all", "category:gifts", "home"]
    assert CategoryTree.get(CategoryTree.MAIN).moves == []


def test_a_category_moves_to_the_top() -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    product = make_product(category="tea")
    move_category("tea", None)
    assert [category.slug for category in stored_tree().top] == ["kitchen", "tea"]
    assert listings_with(product) == ["all", "category:tea", "home"]


@pytest.fixture
def interrupted_move() -> Product:
    """Tea was moved from kitchen to gifts, and the machine stopped before the cards followed."""
    make_category_tree({"kitchen": {"tea": {}}, "gifts": {}})
    product = make_product(category="tea")
    tree = CategoryTree.get(CategoryTree.MAIN)
    tea = Tree(tree.categories).find("tea")
    assert tea is not None
    tea.parent_id = "gifts"
    tree.moves = [Move(category_id="tea", listings=["category:kitchen"])]
    tree.save()
    return product


def test_an_interrupted_move_is_finished_later(interrupted_move: Product) -> None:
    tasks.finish_category_moves()
    assert listings_with(interrupted_move) == ["all", "category:gifts", "category:tea", "home"]
    assert categories.finish_moves() == 0


def archive(product: Product) -> None:
    product.status = Status.ARCHIVED


def leave(product: Product) -> None:
    product.category_id = None


@pytest.mark.parametrize(("change", "listings"), [(archive, []), (leave, ["all", "home"])])
def test_a_product_saved_amid_a_move_leaves_no_card_behind(
    interrupted_move: Product, change: Callable[[Product], None], listings: list[str]
) -> None:
    change(interrupted_move)
    save_product(product=interrupted_move, now=LONG_AGO)
    categories.finish_moves()
    assert listings_with(interrupted_move) == listings


@pytest.mark.parametrize("parent", ["kitchen", "tea"])
def test_a_category_cannot_move_into_itself_or_below(parent: str) -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    with pytest.raises(CategoryCycle):
        move_category("kitchen", parent)


def test_a_tree_grows_no_deeper_than_six_levels() -> None:
    make_category_tree({"a": {"b": {"c": {"d": {"e": {}}}}}, "x": {"y": {}}})
    with pytest.raises(InvalidCategory):
        move_category("x", "e")
    assert [category.slug for category in stored_tree().top] == ["a", "x"]


def test_a_move_to_an_unknown_parent_says_so() -> None:
    make_category_tree(["tea"])
    with pytest.raises(UnknownCategory) as caught:
        move_category("tea", "gone")
    assert caught.value.category_id == "gone"


def test_children_are_reordered_and_those_not_named_go_last() -> None:
    make_category_tree({"kitchen": {"tea": {}, "pots": {}, "pans": {}}, "desk": {}})
    categories.reorder_categories(parent_id="kitchen", category_ids=["pans", "tea"])
    assert [category.slug for category in stored_tree().children_of("kitchen")] == ["pans", "tea", "pots"]
    categories.reorder_categories(parent_id=None, category_ids=["desk", "kitchen"])
    assert [category.slug for category in stored_tree().top] == ["desk", "kitchen"]


def test_only_children_can_be_reordered() -> None:
    make_category_tree({"kitchen": {"tea": {}}, "desk": {}})
    with pytest.raises(UnknownCategory):
        categories.reorder_categories(parent_id="kitchen", category_ids=["desk"])


def test_an_empty_category_goes_and_its_slug_is_free_again() -> None:
    make_category_tree(["tea", "desk"])
    categories.delete_category(category_id="tea")
    assert [category.slug for category in stored_tree()] == ["desk"]
    make_category_tree(["tea"])
    assert [category.slug for category in stored_tree()] == ["desk", "tea"]


def test_a_category_with_others_below_or_products_stays() -> None:
    make_category_tree({"kitchen": {"tea": {}}})
    make_product(category="tea")
    with pytest.raises(CategoryNotEmpty) as caught:
        categories.delete_category(category_id="kitchen")
    assert caught.value.extra == {"holds": "categories"}
    with pytest.raises(CategoryNotEmpty) as caught:
        categories.delete_category(category_id="tea")
    assert caught.value.extra == {"holds": "products"}
    assert len(stored_tree()) == 2


def test_a_product_cannot_be_filed_under_a_category_that_is_gone() -> None:
    with pytest.raises(InvalidProduct) as caught:
        save_product(product=build_product(category="gone"), now=LONG_AGO)
    assert [problem.field for problem in caught.value.problems] == ["category_id"]
