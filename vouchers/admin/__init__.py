"""Registers the pages of this app with Django's admin."""

from vouchers.admin import pages, rates

__all__ = ["pages", "rates"]
