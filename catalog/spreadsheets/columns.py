"""The columns of the shop's own format, in order; docs/csv.md has the same table for people."""

from catalog.validation import MAX_OPTIONS

PRODUCT_COLUMNS = (
    "id",
    "slug",
    "title",
    "subtitle",
    "description",
    "facts",
    "status",
    "category",
    "collections",
    "featured_rank",
    "seo_title",
    "seo_description",
    "images",
    "image_alts",
)
OPTION_COLUMNS = tuple(f"option{at}_{part}" for at in range(1, MAX_OPTIONS + 1) for part in ("name", "value"))
VARIANT_COLUMNS = ("sku", *OPTION_COLUMNS, "price", "compare_at_price", "currency", "stock", "variant_image")
COLUMNS = (*PRODUCT_COLUMNS, *VARIANT_COLUMNS)

# Between the names of a category's path, from the top down.
PATH_SEPARATOR = " > "
