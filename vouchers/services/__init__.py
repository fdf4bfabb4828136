"""Looking up, redeeming and correcting. Verbs write; each is called by a view, a task or the partner API."""

from vouchers.services.cases import (
    CaseRefused,
    Complaint,
    mark_sent,
    note_on_case,
    open_case,
)
from vouchers.services.day_close import CannotClose, close_day, may_close
from vouchers.services.draft import (
    Ready,
    choose_person,
    confirm_owner,
    people_of,
    ready_to_redeem,
    set_aside,
    set_total,
    take_out,
)
from vouchers.services.lookup import add_voucher, look_up_again, look_up_voucher, start_lookup
from vouchers.services.place import CannotRedeem, Place
from vouchers.services.rates import check_rate, set_rate
from vouchers.services.redeem import check_now, put_aside, redeem_voucher
from vouchers.services.retention import purge_vouchers
from vouchers.services.rulings import Ruling, close_case, withdraw_case
from vouchers.services.sale import Part, Sale, sale_of

__all__ = [
    "CannotClose",
    "CannotRedeem",
    "CaseRefused",
    "Complaint",
    "Part",
    "Place",
    "Ready",
    "Ruling",
    "Sale",
    "add_voucher",
    "check_now",
    "check_rate",
    "choose_person",
    "close_case",
    "close_day",
    "confirm_owner",
    "look_up_again",
    "look_up_voucher",
    "mark_sent",
    "may_close",
    "note_on_case",
    "open_case",
    "people_of",
    "purge_vouchers",
    "put_aside",
    "ready_to_redeem",
    "redeem_voucher",
    "sale_of",
    "set_aside",
    "set_rate",
    "set_total",
    "start_lookup",
    "take_out",
    "withdraw_case",
]
