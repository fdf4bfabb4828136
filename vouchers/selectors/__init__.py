"""Questions about vouchers, always within the person's branches."""

from vouchers.selectors.cases import (
    APPLIED,
    case_of,
    cases_for,
    contra_sums,
    correctable_redemptions,
    disputed_redemptions,
    oldest_waiting,
    page_of_cases,
    uncorrected,
    waiting_counts,
    waiting_for,
)
from vouchers.selectors.redemptions import (
    earlier_redemption,
    holder_of,
    lookups_due,
    lookups_for,
    needs_person,
    open_drafts,
    redemptions_for,
    unfinished_redemptions,
    voucher_accounts,
)

__all__ = [
    "APPLIED",
    "case_of",
    "cases_for",
    "contra_sums",
    "correctable_redemptions",
    "disputed_redemptions",
    "earlier_redemption",
    "holder_of",
    "lookups_due",
    "lookups_for",
    "needs_person",
    "oldest_waiting",
    "open_drafts",
    "page_of_cases",
    "redemptions_for",
    "uncorrected",
    "unfinished_redemptions",
    "voucher_accounts",
    "waiting_counts",
    "waiting_for",
]
