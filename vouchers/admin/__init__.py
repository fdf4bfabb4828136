"""Registers the pages of this app with Django's admin."""

from vouchers.admin import cases, pages, rates

__all__ = ["cases", "pages", "rates"]
