from catalog.models import Category
from catalog.tree import Tree


def category(slug: str, parent: str | None = None) -> Category:
    return Category(category_id=slug, slug=slug, name=slug, parent_id=parent)


def slugs(categories: list[Category]) -> list[str]:
    return [item.slug for item in categories]


def test_a_path_runs_from_the_top_down_to_the_category() -> None:
    tree = Tree([category("cups", "tea"), category("tea", "kitchen"), category("kitchen")])
    assert slugs(tree.path_to("cups")) == ["kitchen", "tea", "cups"]
    assert slugs(tree.path_to("kitchen")) == ["kitchen"]
    assert tree.path_to("gone") == tree.path_to(None) == []


def test_a_subtree_holds_everything_below_with_parents_first() -> None:
    tree = Tree([category("cups", "tea"), category("tea", "kitchen"), category("kitchen"), category("pots", "kitchen")])
    assert slugs(tree.subtree_of("kitchen")) == ["kitchen", "tea", "pots", "cups"]
    assert tree.subtree_of("gone") == []


def test_a_category_whose_parent_is_gone_is_still_in_reach() -> None:
    tree = Tree([category("tea", "gone"), category("desk")])
    assert slugs(tree.top) == ["tea", "desk"]
    assert slugs(tree.path_to("tea")) == ["tea"]


def test_a_cycle_that_should_not_be_ends() -> None:
    tree = Tree([category("hen", "egg"), category("egg", "hen")])
    assert sorted(slugs(tree.path_to("hen"))) == ["egg", "hen"]
    assert sorted(slugs(tree.subtree_of("hen"))) == ["egg", "hen"]


def test_branches_are_the_top_with_its_children() -> None:
    tree = Tree([category("kitchen"), category("desk"), category("tea", "kitchen")])
    assert [(branch.category.slug, slugs(list(branch.children))) for branch in tree.branches] == [
        ("kitchen", ["tea"]),
        ("desk", []),
    ]
