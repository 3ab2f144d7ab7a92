"""Postal addresses, as stored by carts, orders and customers."""

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
