"""Registers the pages of this app with Django's admin."""

from customers.admin import mirror

__all__ = ["mirror"]
