"""Letters to issuers, as PDF."""

from vouchers.letters.case import case_letter

__all__ = ["case_letter"]
