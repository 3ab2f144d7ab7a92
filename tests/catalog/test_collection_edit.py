from typing import Any

import pytest

from catalog.collections import InvalidCollection, rename_collection, save_collection
from catalog.models import CategoryTree, Collection
from catalog.publishing import SlugTaken
from cloudcart.errors import EditConflict
from tests.factories import make_category_tree, make_collection


def links() -> list[tuple[str, str]]:
    return [(link.slug, link.name) for link in CategoryTree.get(CategoryTree.MAIN).collections]


def test_a_collection_is_stored_and_linked_beside_the_categories() -> None:
    make_category_tree(["kitchen"])
    make_collection("gifts", name="Gifts under €30")
    assert Collection.get("gifts").name == "Gifts under €30"
    assert links() == [("gifts", "Gifts under €30")]
    assert len(CategoryTree.get(CategoryTree.MAIN).categories) == 1


def test_saving_a_collection_again_changes_its_link() -> None:
    make_collection("gifts")
    make_collection("winter")
    collection = Collection.get("gifts")
    collection.name = "Presents"
    save_collection(collection=collection)
    assert links() == [("gifts", "Presents"), ("winter", "Winter")]


def test_after_a_rename_the_former_address_leads_on() -> None:
    collection = make_collection("gifts")
    renamed = rename_collection(collection=collection, slug="presents")
    assert Collection.get("gifts").moved_to == "presents"
    assert Collection.get("presents").serialize() == renamed.serialize()
    assert links() == [("presents", "Gifts")]


def test_a_collection_gets_its_former_address_back() -> None:
    renamed = rename_collection(collection=make_collection("gifts"), slug="presents")
    rename_collection(collection=renamed, slug="gifts")
    assert Collection.get("gifts").moved_to is None
    assert Collection.get("gifts").name == "Gifts"
    assert Collection.get("presents").moved_to == "gifts"


@pytest.mark.parametrize("slug", ["gifts", "presents"])
def test_an_address_of_another_collection_is_taken_now_and_from_former_times(slug: str) -> None:
    rename_collection(collection=make_collection("gifts"), slug="presents")
    with pytest.raises(SlugTaken):
        make_collection(slug, collection_id="other")
    winter = make_collection("winter")
    with pytest.raises(SlugTaken):
        rename_collection(collection=winter, slug=slug)
    assert links() == [("presents", "Gifts"), ("winter", "Winter")]


def test_a_collection_that_somebody_else_saved_first_is_not_overwritten() -> None:
    make_collection("gifts")
    mine, theirs = Collection.get("gifts"), Collection.get("gifts")
    theirs.name = "Theirs"
    save_collection(collection=theirs)
    mine.name = "Mine"
    with pytest.raises(EditConflict):
        save_collection(collection=mine)
    with pytest.raises(EditConflict):
        rename_collection(collection=mine, slug="presents")
    assert links() == [("gifts", "Theirs")]


@pytest.mark.parametrize(
    ("attributes", "field"),
    [({"name": ""}, "name"), ({"slug": "No address"}, "slug"), ({"collection_id": ""}, "collection_id")],
)
def test_an_unfit_collection_is_refused_and_the_field_named(attributes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidCollection) as caught:
        save_collection(
            collection=Collection(**{"slug": "gifts", "name": "Gifts", "collection_id": "gifts", **attributes})
        )
    assert [problem.field for problem in caught.value.problems] == [field]
