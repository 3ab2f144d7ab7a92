"""What of the catalog the admin shows; the pages register themselves."""

from catalog import stock_views

__all__ = ["stock_views"]
