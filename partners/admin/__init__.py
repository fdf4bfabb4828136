"""Partners, their keys, and what they are told."""

from partners.admin import keys, webhooks

__all__ = ["keys", "webhooks"]
