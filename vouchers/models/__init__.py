"""What the vouchers domain keeps: mirrors of the issuers' vouchers, and what we did with them."""

from vouchers.models.day_close import DayClose, LedgerExport
from vouchers.models.redemptions import Lookup, Redemption, RedemptionLine, Voucher, code_hash

__all__ = ["DayClose", "LedgerExport", "Lookup", "Redemption", "RedemptionLine", "Voucher", "code_hash"]
