"""Looking up and redeeming vouchers. Verbs write; each is called by a view, a task or the partner API."""

from vouchers.services.day_close import CannotClose, close_day, may_close
from vouchers.services.draft import choose_person, left_to_pay, ready_to_redeem, set_aside, set_total
from vouchers.services.lookup import look_up_voucher, start_lookup
from vouchers.services.place import CannotRedeem, Place
from vouchers.services.redeem import check_now, put_aside, redeem_voucher
from vouchers.services.retention import purge_vouchers

__all__ = [
    "CannotClose",
    "CannotRedeem",
    "Place",
    "check_now",
    "choose_person",
    "close_day",
    "left_to_pay",
    "look_up_voucher",
    "may_close",
    "purge_vouchers",
    "put_aside",
    "ready_to_redeem",
    "redeem_voucher",
    "set_aside",
    "set_total",
    "start_lookup",
]
