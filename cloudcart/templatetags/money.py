from django import template

from cloudcart.money import format_amount

register = template.Library()


@register.filter
def money(amount: int, currency: str | None = None) -> str:
    """Write an amount of minor units: ``{{ variant.unit_amount|money }}`` -> "€36.00"."""
    return format_amount(amount, currency)
