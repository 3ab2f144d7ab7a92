import re

from catalog import queries
from catalog.models import Product
from tests.cast import Shopper
from tests.factories import make_product

TREE = "/admin/catalog/categories/"
COLLECTIONS = "/admin/catalog/collections/"


def paths() -> list[str]:
    tree = queries.get_tree()
    return [" > ".join(part.name for part in tree.path_to(category.category_id)) for category in tree.categories]


def add(member: Shopper, name: str, parent_id: str = "") -> str:
    response = member.client.post(f"{TREE}add/", {"name": name, "parent_id": parent_id})
    assert response.status_code == 302, response.content.decode()
    return next(category.category_id for category in queries.get_tree().categories if category.name == name)


def test_categories_are_added_changed_moved_sorted_and_removed(admin: Shopper) -> None:
    kitchen = add(admin, "Kitchen")
    garden = add(admin, "Garden")
    mugs = add(admin, "Mugs", kitchen)
    assert paths() == ["Kitchen", "Garden", "Kitchen > Mugs"]
    page = admin.client.get(TREE).content.decode()
    assert re.findall(r'tree-name--(\d)"><a[^>]*>(\w+)', page) == [("0", "Kitchen"), ("1", "Mugs"), ("0", "Garden")]

    changed = {"name": "Cups", "slug": "cups", "parent_id": garden}
    assert admin.client.post(f"{TREE}{mugs}/", changed).status_code == 302
    assert "Garden > Cups" in paths()
    assert admin.client.get("/categories/mugs/").headers["Location"] == "/categories/cups/"

    admin.client.post(f"{TREE}{garden}/shift/", {"to": "up"})
    assert [category.name for category in queries.get_tree().top] == ["Garden", "Kitchen"]

    page = admin.client.post(f"{TREE}{garden}/delete/", follow=True).content.decode()
    assert "still has categories in it" in page
    admin.client.post(f"{TREE}{kitchen}/delete/")
    assert "Kitchen" not in paths()


def test_a_category_that_cannot_be_is_told_with_the_input_kept(admin: Shopper) -> None:
    add(admin, "Kitchen")
    response = admin.client.post(f"{TREE}add/", {"name": "Another", "slug": "kitchen", "parent_id": ""})
    assert response.status_code == 422
    page = response.content.decode()
    assert "The address “kitchen” is in use already" in page
    assert 'value="Another"' in page


def test_products_are_put_into_a_collection_by_hand(admin: Shopper) -> None:
    mug = make_product(title="Mug", slug="mug", sku="MUG-1")
    response = admin.client.post(f"{COLLECTIONS}add/", {"name": "Summer"}, follow=True)
    assert "No active product is in it yet." in response.content.decode()
    url = f"{COLLECTIONS}summer/products/"
    page = admin.client.post(url, {"product": "MUG-1"}, follow=True).content.decode()
    assert "“Mug” was put into the collection." in page
    assert "Mug" in admin.client.get("/collections/summer/").content.decode()
    assert "There is no product" in admin.client.post(url, {"product": "nothing"}, follow=True).content.decode()
    admin.client.post(url, {"product": "mug", "remove": ""})
    assert list(Product.get(mug.product_id).collection_ids) == []


def test_a_collection_moves_to_another_address(admin: Shopper) -> None:
    admin.client.post(f"{COLLECTIONS}add/", {"name": "Summer"})
    admin.client.post(f"{COLLECTIONS}summer/", {"name": "Autumn", "slug": "autumn"})
    assert admin.client.get("/collections/summer/").headers["Location"] == "/collections/autumn/"
    assert "Autumn" in admin.client.get(COLLECTIONS).content.decode()


def test_a_viewer_sees_both_and_changes_nothing(admin: Shopper, viewer: Shopper) -> None:
    kitchen = add(admin, "Kitchen")
    admin.client.post(f"{COLLECTIONS}add/", {"name": "Summer"})
    page = viewer.client.get(TREE).content.decode()
    assert "Kitchen" in page
    assert "Add category" not in page
    assert "Summer" in viewer.client.get(f"{COLLECTIONS}summer/").content.decode()
    tried = [
        viewer.client.get(f"{TREE}add/"),
        viewer.client.post(f"{TREE}{kitchen}/", {"name": "Mine"}),
        viewer.client.post(f"{TREE}{kitchen}/shift/", {"to": "up"}),
        viewer.client.post(f"{TREE}{kitchen}/delete/"),
        viewer.client.post(f"{COLLECTIONS}add/", {"name": "Mine"}),
        viewer.client.post(f"{COLLECTIONS}summer/", {"name": "Mine"}),
        viewer.client.post(f"{COLLECTIONS}summer/products/", {"product": "x"}),
    ]
    assert [response.status_code for response in tried] == [403] * len(tried)
    assert paths() == ["Kitchen"]
