"""Registers the pages of this app with Django's admin."""

from vouchers.admin import pages

__all__ = ["pages"]
