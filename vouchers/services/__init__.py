"""Looking up, redeeming and correcting. Verbs write; each is called by a view, a task or the partner API."""

from vouchers.services.cases import (
    CaseRefused,
    Complaint,
    mark_sent,
    note_on_case,
    open_case,
)
from vouchers.services.draft import choose_person, left_to_pay, ready_to_redeem, set_aside, set_total
from vouchers.services.lookup import look_up_voucher, start_lookup
from vouchers.services.place import CannotRedeem, Place
from vouchers.services.redeem import check_now, put_aside, redeem_voucher
from vouchers.services.retention import purge_vouchers
from vouchers.services.rulings import Ruling, close_case, withdraw_case

__all__ = [
    "CannotRedeem",
    "CaseRefused",
    "Complaint",
    "Place",
    "Ruling",
    "check_now",
    "choose_person",
    "close_case",
    "left_to_pay",
    "look_up_voucher",
    "mark_sent",
    "note_on_case",
    "open_case",
    "purge_vouchers",
    "put_aside",
    "ready_to_redeem",
    "redeem_voucher",
    "set_aside",
    "set_total",
    "start_lookup",
    "withdraw_case",
]
