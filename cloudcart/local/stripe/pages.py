"""The simulator's pages: one stylesheet, no script, light and dark as the reader's system is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.template import Context, Engine, Library

from cloudcart.local.stripe.web import Answer

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "base-uri 'none'; frame-ancestors 'none'",
}
# Currencies without minor units.
_WHOLE = {
    "bif",
    "clp",
    "djf",
    "gnf",
    "jpy",
    "kmf",
    "krw",
    "mga",
    "pyg",
    "rwf",
    "ugx",
    "vnd",
    "vuv",
    "xaf",
    "xof",
    "xpf",
}

register = Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """Write minor units as people read them: 1234 and eur as EUR 12.34."""
    number = f"{amount:,}" if currency in _WHOLE else f"{amount / 100:,.2f}"
    return f"{currency.upper()} {number}"


@register.filter
def clock(seconds: float) -> str:
    """Write seconds since 1970 as a time of day."""
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%H:%M:%S} UTC"


@register.filter
def note(item: Mapping[str, Any], name: str) -> Any:
    """Give one of the simulator's own notes in an object, which Django's templates do not reach."""
    return item.get(f"_{name}", "")


class Pages:
    """:param shop_url: where a reader goes who wants none of this."""

    def __init__(self, *, shop_url: str) -> None:
        self._shop_url = shop_url
        self._engine = Engine(dirs=[str(Path(__file__).parent / "templates")])
        self._engine.template_builtins.append(register)

    def show(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> Answer:
        text = self._engine.get_template(template).render(Context({"shop_url": self._shop_url, **context}))
        return Answer(status, text.encode(), dict(_HEADERS))

    def problem(self, message: str, *, status: int) -> Answer:
        return self.show("problem.html", {"message": message}, status=status)

    def not_found(self) -> Answer:
        return self.problem("There is no such page.", status=404)

    def stylesheet(self) -> Answer:
        css = (Path(__file__).parent / "templates" / "style.css").read_bytes()
        return Answer(200, css, {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "no-cache"})
