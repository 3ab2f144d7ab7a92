"""Objects as they leave: without the simulator's own notes, with what the caller wants expanded."""

from collections.abc import Sequence
from typing import Any

from cloudcart.local.stripe.problems import StripeProblem
from cloudcart.local.stripe.store import Store, StripeObject

_EXPANDABLE = {
    "checkout.session": {"payment_intent", "line_items"},
    "payment_intent": {"latest_charge"},
    "charge": {"payment_intent", "refunds"},
    "refund": {"payment_intent", "charge"},
    "dispute": {"payment_intent", "charge"},
}


def render(item: Any) -> Any:
    """Leave out every name that begins with an underscore."""
    if isinstance(item, dict):
        return {name: render(value) for name, value in item.items() if not name.startswith("_")}
    return [render(each) for each in item] if isinstance(item, list) else item


def as_list(items: Sequence[StripeObject], *, url: str, has_more: bool = False) -> StripeObject:
    return {"object": "list", "data": list(items), "has_more": has_more, "url": url}


def expand(store: Store, item: StripeObject, paths: Sequence[str]) -> StripeObject:
    """Put whole objects in the place of their ids; ``a.b`` expands b within a.

    :raises StripeProblem: if something is named that cannot be expanded.
    """
    for path in paths:
        _expand(store, item, path.split("."))
    return item


def _expand(store: Store, item: StripeObject, names: Sequence[str]) -> None:
    if item["object"] == "list" and names[0] == "data":
        for each in item["data"]:
            _expand(store, each, names[1:])
        return
    name, *rest = names
    if name not in _EXPANDABLE.get(item["object"], set()):
        raise StripeProblem(f"This property cannot be expanded ({name}).", param="expand")
    value = _whole(store, item, name)
    item[name] = value
    if rest and value is not None:
        _expand(store, value, rest)


def _whole(store: Store, item: StripeObject, name: str) -> StripeObject | None:
    if name == "line_items":
        return as_list(item["_line_items"], url=f"/v1/checkout/sessions/{item['id']}/line_items")
    if name == "refunds":
        if isinstance(item.get("refunds"), dict):
            return dict(item["refunds"])
        return as_list(store.list_objects("refund", parent=item["id"]), url=f"/v1/charges/{item['id']}/refunds")
    value = item[name]
    return store.find(value) if isinstance(value, str) else value
