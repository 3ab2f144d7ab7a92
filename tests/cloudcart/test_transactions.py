from datetime import UTC, datetime

import pytest

from cart.models import Cart, Line
from catalog.models import Stock
from cloudcart.transactions import Transaction, TransactionRefused


def test_a_refused_transaction_names_the_action_and_writes_nothing() -> None:
    Stock("mug", product_id="p1", available=1).save()
    Stock("cup", product_id="p2", available=5).save()
    transaction = Transaction()
    cart = Cart("guest:1", lines=[Line(sku="mug", product_id="p1", quantity=2, unit_amount=5)])
    cart.updated_at = datetime.now(UTC)
    cart.expires_at = datetime.now(UTC)
    transaction.update("stock:cup", Stock("cup"), [Stock.available.add(-2)], Stock.available >= 2)
    transaction.save("cart", cart)
    transaction.update("stock:mug", Stock("mug"), [Stock.available.add(-2)], Stock.available >= 2)
    with pytest.raises(TransactionRefused) as caught:
        transaction.commit()
    assert [refusal.name for refusal in caught.value.refusals] == ["stock:mug"]
    assert caught.value.refusals[0].item == Stock.get("mug").serialize()
    assert Stock.get("cup").available == 5
    assert Cart.count("guest:1") == 0
