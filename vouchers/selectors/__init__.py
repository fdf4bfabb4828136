"""Questions about vouchers, always within the person's branches."""

from vouchers.selectors.rates import rate_on
from vouchers.selectors.redemptions import (
    earlier_redemption,
    holder_of,
    lookups_due,
    lookups_for,
    needs_person,
    open_drafts,
    operation_of,
    others_of,
    owner_of,
    redemptions_for,
    unfinished_redemptions,
    voucher_accounts,
)

__all__ = [
    "earlier_redemption",
    "holder_of",
    "lookups_due",
    "lookups_for",
    "needs_person",
    "open_drafts",
    "operation_of",
    "others_of",
    "owner_of",
    "rate_on",
    "redemptions_for",
    "unfinished_redemptions",
    "voucher_accounts",
]
