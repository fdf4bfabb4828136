"""Looking up and redeeming vouchers. Verbs write; each is called by a view, a task or the partner API."""

from vouchers.services.draft import (
    Ready,
    choose_person,
    confirm_owner,
    people_of,
    ready_to_redeem,
    set_aside,
    set_total,
)
from vouchers.services.lookup import add_voucher, look_up_again, look_up_voucher, start_lookup
from vouchers.services.place import CannotRedeem, Place
from vouchers.services.rates import check_rate, set_rate
from vouchers.services.redeem import check_now, put_aside, redeem_voucher
from vouchers.services.retention import purge_vouchers
from vouchers.services.sale import Part, Sale, sale_of

__all__ = [
    "CannotRedeem",
    "Part",
    "Place",
    "Ready",
    "Sale",
    "add_voucher",
    "check_now",
    "check_rate",
    "choose_person",
    "confirm_owner",
    "look_up_again",
    "look_up_voucher",
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
]
