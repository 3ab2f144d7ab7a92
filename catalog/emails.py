"""The mails about the catalog, to the merchant."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from catalog.models import Product, Stock


def low_stock(stock: Stock, product: Product) -> EmailMultiAlternatives:
    """Make the mail that says that a SKU runs low, with the link to its page in the admin."""
    variant = product.find_variant(stock.sku)
    title = f"{product.title}, {variant.title}" if variant and variant.title else product.title
    left = "Sold out" if stock.available == 0 else f"Only {stock.available} left"
    subject = f"{left}: {title}"
    context = {
        "stock": stock,
        "title": title,
        "left": left,
        # The admin's URLs are known below /admin/ only.
        "stock_url": f"{settings.STORE_URL}/admin/stock/levels/{stock.sku}/",
        "store_name": settings.STORE_NAME,
        "store_url": settings.STORE_URL,
        "subject": subject,
    }
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("emails/low_stock.txt", context).strip() + "\n",
        to=[settings.MERCHANT_EMAIL],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("emails/low_stock.html", context), "text/html")
    return mail
