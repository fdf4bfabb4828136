"""What the vouchers domain keeps: mirrors of the issuers' vouchers, what we did with them, and what turned out to be wrong."""

from vouchers.models.cases import Case, CaseEvent, CaseLine, ContraLine
from vouchers.models.day_close import DayClose, LedgerExport
from vouchers.models.rates import PointsRate
from vouchers.models.redemptions import Lookup, Redemption, RedemptionLine, Voucher, code_hash

__all__ = [
    "Case",
    "CaseEvent",
    "CaseLine",
    "ContraLine",
    "DayClose",
    "LedgerExport",
    "Lookup",
    "PointsRate",
    "Redemption",
    "RedemptionLine",
    "Voucher",
    "code_hash",
]
