"""Registers the pages of this app with Django's admin."""

from loyalty.admin import acts, limits, mirrors

__all__ = ["acts", "limits", "mirrors"]
