"""Who is buying. Passwords and the confirmed e-mail live in Cognito; the rest lives here."""

from pynamodb.attributes import (
    UnicodeAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)

from cloudcart.addresses import Address
from cloudcart.dynamo import StoredMap, StoreModel
from cloudcart.item_reading import ListOfMaps


class SavedAddress(StoredMap):
    """An entry of the address book; the first entry is the default."""

    address_id = UnicodeAttribute()
    address = Address(default=dict)


class Customer(StoreModel):
    """A customer; the key is Cognito's ``sub``."""

    class Meta:
        table = "customers"

    customer_id = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute()
    name = UnicodeAttribute(default="")
    addresses: ListOfMaps[SavedAddress] = ListOfMaps(of=SavedAddress, default=list)
    created_at = UTCDateTimeAttribute()
    version = VersionAttribute()

    def find_address(self, address_id: str) -> SavedAddress | None:
        return next((saved for saved in self.addresses if saved.address_id == address_id), None)
