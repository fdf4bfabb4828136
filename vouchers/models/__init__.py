"""What the vouchers domain keeps: mirrors of the issuers' vouchers, and what we did with them."""

from vouchers.models.rates import PointsRate
from vouchers.models.redemptions import Lookup, Redemption, RedemptionLine, Voucher, code_hash

__all__ = ["Lookup", "PointsRate", "Redemption", "RedemptionLine", "Voucher", "code_hash"]
