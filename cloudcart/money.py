"""Amounts of money: whole numbers of minor units (cents), with their currency beside them."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.conf import settings


def format_amount(amount: int, currency: str | None = None) -> str:
    """Write minor units as a person reads them: 3600, "EUR" -> "€36.00".

    :param amount: minor units of ``currency`` (yen have none: 3600, "JPY" -> "¥3,600").
    :param currency: an ISO 4217 code; the shop's own if left out.
    """
    currency = currency or settings.CURRENCY
    return format_currency(to_major(amount, currency), currency, locale=settings.FORMAT_LOCALE)


def to_major(amount: int, currency: str) -> Decimal:
    """3600, "EUR" -> Decimal("36.00")."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def to_minor(value: Decimal, currency: str) -> int:
    """Decimal("36.00"), "EUR" -> 3600.

    :raises ValueError: if the value has more digits than the currency.
    """
    minor = value.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{value} has more decimal places than {currency} has.")
    return int(minor)
