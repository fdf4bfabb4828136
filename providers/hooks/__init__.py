"""Webhooks: stored first, believed never.

receive       what a provider sent, kept as it came; answered at once
take_hook     a worker reads the record that an event is about, once for all events about it
heard         a domain says which records it can read, and who stores them
address_of    the secret address of an account, and a new one when somebody may have seen it
"""

from providers.hooks.address import account_at, address_of, new_address
from providers.hooks.housekeeping import purge_hooks, replay
from providers.hooks.readers import Heard, heard
from providers.hooks.storing import Verdict, receive
from providers.hooks.take import hooks_due, take_hook

__all__ = [
    "Heard",
    "Verdict",
    "account_at",
    "address_of",
    "heard",
    "hooks_due",
    "new_address",
    "purge_hooks",
    "receive",
    "replay",
    "take_hook",
]
