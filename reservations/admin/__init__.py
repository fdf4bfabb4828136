"""Registers the pages of this app with Django's admin."""

from reservations.admin import acts, mirrors

__all__ = ["acts", "mirrors"]
