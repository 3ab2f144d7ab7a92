import re

from catalog import queries
from catalog.models import Collection, Product
from cloudcart.staff.audit import AuditEntry
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


def seen(member: Shopper, url: str) -> str:
    """What the form at an address carries of what it shows."""
    found = re.search(r'name="seen" value="(\w+)"', member.client.get(url).content.decode())
    assert found is not None
    return found[1]


def entries(model: str, key: str) -> list[tuple[str, int, str]]:
    return [(entry.user_name, entry.action, entry.message) for entry in AuditEntry.query(f"catalog.{model}#{key}")]


def test_categories_are_added_changed_moved_sorted_and_removed(admin: Shopper) -> None:
    kitchen = add(admin, "Kitchen")
    garden = add(admin, "Garden")
    mugs = add(admin, "Mugs", kitchen)
    assert paths() == ["Kitchen", "Garden", "Kitchen > Mugs"]
    page = admin.client.get(TREE).content.decode()
    assert re.findall(r'tree-name--(\d)"><a[^>]*>(\w+)', page) == [("0", "Kitchen"), ("1", "Mugs"), ("0", "Garden")]

    changed = {"name": "Cups", "slug": "cups", "parent_id": garden, "seen": seen(admin, f"{TREE}{mugs}/")}
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
    form = {"name": "Autumn", "slug": "autumn", "seen": seen(admin, f"{COLLECTIONS}summer/")}
    assert admin.client.post(f"{COLLECTIONS}summer/", form).status_code == 302
    assert admin.client.get("/collections/summer/").headers["Location"] == "/collections/autumn/"
    assert "Autumn" in admin.client.get(COLLECTIONS).content.decode()


def test_every_change_of_a_category_is_in_its_history_which_outlives_it(admin: Shopper, viewer: Shopper) -> None:
    add(admin, "Garden")
    mugs = add(admin, "Mugs")
    form = {"name": "Cups", "slug": "mugs", "parent_id": "", "seen": seen(admin, f"{TREE}{mugs}/")}
    admin.client.post(f"{TREE}{mugs}/", form)
    admin.client.post(f"{TREE}{mugs}/shift/", {"to": "up"})
    history = f"{TREE}{mugs}/history/"
    assert f'href="{history}"' in viewer.client.get(TREE).content.decode()
    assert f'href="{history}"' in admin.client.get(f"{TREE}{mugs}/").content.decode()
    admin.client.post(f"{TREE}{mugs}/delete/")
    who = "admins@staff.example"
    assert entries("category", mugs) == [
        (who, 1, "Added."), (who, 2, "Changed name."), (who, 2, "Moved up."), (who, 3, "Removed."),
    ]  # fmt: skip
    page = viewer.client.get(history).content.decode()
    assert "History of Cups" in page
    assert page.index("Removed.") < page.index("Moved up.") < page.index("Changed name.") < page.index("Added.")
    assert viewer.client.get(f"{TREE}nothing/history/").status_code == 404


def test_a_refused_change_of_a_category_leaves_no_entry(admin: Shopper) -> None:
    kitchen = add(admin, "Kitchen")
    mugs = add(admin, "Mugs", kitchen)
    form = {"name": "Mine", "slug": "kitchen", "parent_id": kitchen, "seen": seen(admin, f"{TREE}{mugs}/")}
    assert admin.client.post(f"{TREE}{mugs}/", form).status_code == 422
    admin.client.post(f"{TREE}{kitchen}/delete/")
    assert [len(entries("category", key)) for key in (kitchen, mugs)] == [1, 1]


def test_every_change_of_a_collection_is_in_its_history(admin: Shopper, viewer: Shopper) -> None:
    admin.client.post(f"{COLLECTIONS}add/", {"name": "Summer"})
    for slug, fields in (("summer", {"name": "Autumn"}), ("summer", {"name": "Autumn", "slug": "autumn"})):
        url = f"{COLLECTIONS}{slug}/"
        assert admin.client.post(url, {"slug": slug, "seen": seen(admin, url), **fields}).status_code == 302
    history = f"{COLLECTIONS}autumn/history/"
    assert f'href="{history}"' in viewer.client.get(f"{COLLECTIONS}autumn/").content.decode()
    page = viewer.client.get(history).content.decode()
    assert page.index("Changed address.") < page.index("Changed name.") < page.index("Added.")


def test_two_people_editing_a_category_is_told_and_the_second_can_decide(admin: Shopper, merchandiser: Shopper) -> None:
    mugs, other = add(admin, "Mugs"), add(admin, "Pots")
    url, version = f"{TREE}{mugs}/", seen(merchandiser, f"{TREE}{mugs}/")
    form = {"slug": "mugs", "parent_id": "", "seen": version}
    # What happens to another category is no conflict.
    admin.client.post(f"{TREE}{other}/delete/")
    assert admin.client.post(url, {**form, "name": "Theirs"}).status_code == 302
    response = merchandiser.client.post(url, {**form, "name": "Mine"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "admins@staff.example changed this while you were editing" in page
    assert 'value="Mine"' in page
    assert paths() == ["Theirs"]
    (again,) = re.findall(r'name="seen" value="(\w+)"', page)
    assert merchandiser.client.post(url, {**form, "name": "Mine", "seen": again}).status_code == 302
    assert paths() == ["Mine"]


def test_two_people_editing_a_collection_is_told_and_the_second_can_decide(
    admin: Shopper, merchandiser: Shopper
) -> None:
    admin.client.post(f"{COLLECTIONS}add/", {"name": "Summer"})
    url = f"{COLLECTIONS}summer/"
    form = {"slug": "summer", "seen": seen(merchandiser, url)}
    assert admin.client.post(url, {**form, "name": "Theirs"}).status_code == 302
    page = merchandiser.client.post(url, {**form, "name": "Mine"}).content.decode()
    assert "admins@staff.example changed this while you were editing" in page
    assert 'value="Mine"' in page
    assert Collection.get("summer").name == "Theirs"
    (again,) = re.findall(r'name="seen" value="(\w+)"', page)
    assert merchandiser.client.post(url, {**form, "name": "Mine", "seen": again}).status_code == 302
    assert Collection.get("summer").name == "Mine"


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
