"""Registers the pages of this app with Django's admin."""

from branches.admin import audit, places

__all__ = ["audit", "places"]
