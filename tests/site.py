"""A shop with everything in it, and one visit to every kind of page."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as Picture

from catalog.models import Image
from orders.links import order_path
from orders.models import Order
from tests.cast import Shopper, a_browser
from tests.factories import make_category_tree, make_collection, make_image, make_product, make_products
from tests.orders.checkouts import ADDRESS, REVIEW, answer_until, buy, fill_cart

# Longer than any column is wide, as imported names are now and then.
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"


@dataclass(frozen=True)
class Visit:
    """A page, and the browser of who looks at it."""

    name: str
    path: str
    visitor: Client = field(default_factory=a_browser)

    @property
    def cookies(self) -> dict[str, str]:
        return {name: cookie.value for name, cookie in self.visitor.cookies.items()}


def make_site(alice: Shopper) -> list[Visit]:
    """Fill the shop, let a guest and alice buy in it, and list a visit to every kind of page."""
    fill_catalog()
    guest, buyer = a_browser(), a_browser()
    fill_basket(guest)
    answer_until(guest, REVIEW)
    return [
        *_catalog_visits(),
        Visit("empty cart", "/cart/"),
        Visit("cart", "/cart/", guest),
        *(Visit(step, f"/checkout/{step}/", guest) for step in ("contact", "shipping", "payment", "review")),
        Visit("guest's order", order_path(buy(buyer, make_product(title=LONG_WORD))), buyer),
        *_account_visits(alice),
        Visit("not found", "/nowhere/"),
        Visit("not your order", "/orders/LUSAB-MODIK-47/"),
    ]


def fill_catalog() -> None:
    picture = make_picture()
    make_category_tree({"kitchen": {"tea": {}, "pots": {}}, "desk": {}, "a-very-long-category-name": {}})
    make_collection("gifts", image=picture)
    make_products(26, category="tea", collections=["gifts"], images=[picture])
    sizes = {"Size": ["Small", "Medium", "Large"], "Color": ["Red", "Light blue", LONG_WORD[:24]]}
    make_product(
        title="Teapot",
        slug="teapot",
        sku="POT",
        options=sizes,
        stock={"POT-Small-Red": 3, "POT-Medium-Red": 0} | dict.fromkeys(_other_skus(sizes), 9),
        description="It pours.\n\nAnd it keeps the tea warm.",
        category="tea",
        compare_at=4800,
        featured_rank=1,
        images=[picture, make_image("products/lost", alt="A picture whose file is lost")],
    )
    make_product(title=f"{LONG_WORD} {LONG_WORD}", slug="long", sku="LONG", category="tea", images=[picture])
    make_product(title="Sold out", slug="sold-out", stock=0, category="tea", images=[picture])
    make_product(title="Bare", slug="bare")


def fill_basket(visitor: Client) -> None:
    for sku, quantity in {"POT-Small-Red": 2, "LONG": 20}.items():
        response = visitor.post("/cart/items/", {"sku": sku, "quantity": quantity})
        assert response.status_code in {200, 302, 409}
    fill_cart(visitor, make_product(title="Cup"), quantity=9)


def make_picture() -> Image:
    """A picture that is there, in every width."""
    image = make_image("products/site", alt="A plain tile")
    for width in image.widths:
        if not default_storage.exists(f"{image.key}/{width}.webp"):
            body = io.BytesIO()
            Picture.new("RGB", (width, width * 5 // 4), "#c9d6df").save(body, "WEBP")
            default_storage.save(f"{image.key}/{width}.webp", ContentFile(body.getvalue()))
    return image


def _other_skus(sizes: dict[str, list[str]]) -> list[str]:
    skus = [f"POT-{size}-{color}".replace(" ", "") for size in sizes["Size"] for color in sizes["Color"]]
    return [sku for sku in skus if sku not in {"POT-Small-Red", "POT-Medium-Red"}]


def _catalog_visits() -> Sequence[Visit]:
    paths = {
        "home": "/",
        "products": "/products/",
        "sorted products": "/products/?sort=price-high",
        "categories": "/categories/",
        "category": "/categories/tea/",
        "parent category": "/categories/kitchen/",
        "empty category": "/categories/desk/",
        "collection": "/collections/gifts/",
        "product": "/products/teapot/",
        "sold-out variant": "/products/teapot/?sku=POT-Medium-Red",
        "sold-out product": "/products/sold-out/",
        "product with a long name": "/products/long/",
        "product without anything": "/products/bare/",
    }
    return [Visit(name, path) for name, path in paths.items()]


def _account_visits(alice: Shopper) -> Sequence[Visit]:
    order: Order = buy(alice.client, make_product())
    alice.client.post("/accounts/addresses/new/", ADDRESS)
    strangers = ("sign-up", "confirm", "sign-in", "forgot-password", "reset-password")
    own = ("profile", "addresses", "addresses/new", "change-password")
    return [
        Visit("customer's order", f"/orders/{order.number}/", alice.client),
        Visit("orders", "/orders/", alice.client),
        Visit("find order", "/orders/find/"),
        Visit("mailbox", "/mailbox/"),
        *(Visit(name, f"/accounts/{name}/") for name in strangers),
        *(Visit(name, f"/accounts/{name}/", alice.client) for name in own),
    ]
