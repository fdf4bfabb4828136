"""Alreaaiaa: health-care discount cards in Saudi Arabia, whose centres redeem vouchers. Source: docs of their API."""

from providers.contracts import ProviderSpec

SPEC = ProviderSpec(
    slug="alreaaiaa",
    names={"ar": "الرعاية", "fr": "Alreaaiaa", "en": "Alreaaiaa"},
    kind="vouchers",
    secret_fields=("email", "password"),
    setting_fields={"token_path": "/getAuthToken"},
    hosts=("erp-production.alreaaiaa.com", "erp-testing2025.alreaaiaa.com"),
    currency="SAR",
    code_pattern=r"^VCL\d{1,9}C\d{1,9}NO\d{1,12}$",
    code_loose=r"^[A-Z0-9]{6,40}$",
    code_folds_case=True,
    letter_language="ar",
    code_groups=r"^(VCL\d{1,9})(C\d{1,9})(NO\d{1,12})$",
    # Of `msg` the journal blots out whatever repeats something we sent; `reason` may name a person and is left out.
    journal_visible=(
        "msg",
        "message",
        "key",
        "status",
        "id",
        "center_id",
        "voucher_id",
        "order_id",
        "price_value",
        "voucher_price",
        "total_services_price",
        "total_client_paid_amount",
        "expiry_date",
        "created_at",
        "updated_at",
    ),
    journal_masked=("voucher_code",),
)
