"""Registers the pages of this app with Django's admin."""

from providers.admin import accounts, journal, mirror

__all__ = ["accounts", "journal", "mirror"]
