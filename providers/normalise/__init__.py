"""What people type and providers send, in one form: text, codes, phones, money. Pure functions."""

from providers.normalise.codes import CodeReading, fit_of, group_code, mask_code, plain_code, read_code
from providers.normalise.money import UnreadableAmount, decimals_of, plain_amount, read_amount
from providers.normalise.phones import mask_phone, to_e164
from providers.normalise.text import (
    CleanedCredential,
    clean_credential,
    clean_key,
    clean_password,
    clean_text,
    fold_name,
    latin_digits,
)
from providers.normalise.wire import whole_number, zone_named

__all__ = [
    "CleanedCredential",
    "CodeReading",
    "UnreadableAmount",
    "clean_credential",
    "clean_key",
    "clean_password",
    "clean_text",
    "decimals_of",
    "fit_of",
    "fold_name",
    "group_code",
    "latin_digits",
    "mask_code",
    "mask_phone",
    "plain_amount",
    "plain_code",
    "read_amount",
    "read_code",
    "to_e164",
    "whole_number",
    "zone_named",
]
