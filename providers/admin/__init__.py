"""Registers the pages of this app with Django's admin."""

from providers.admin import accounts, hooks, journal, mirror

__all__ = ["accounts", "hooks", "journal", "mirror"]
