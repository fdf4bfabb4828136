"""Afriquia Gaz: vouchers of a Moroccan gas company, run on the Kenz'up platform. Source: docs.kenzup.io, §3.5 and §3.6."""

from providers.contracts import ProviderSpec

SPEC = ProviderSpec(
    slug="afriquia_gaz",
    names={"ar": "أفريقيا غاز", "fr": "Afriquia Gaz", "en": "Afriquia Gaz"},
    kind="vouchers",
    secret_fields=("private_key",),
    optional_secret_fields=("export_basic",),
    pem_fields=("private_key",),
    setting_fields={"shop_uuid": "", "terminal_id": ""},
    hosts=("app.kenzup.com", "staging-app.kenzup.com", "dev-app.kenzup.com"),
    currency="MAD",
    values_in="points",
    # One look before the burn for each, one after another: ten of them and the burn are done within the minute that an
    # intent lives, even when every answer takes three seconds. Twenty would not be.
    most_codes=10,
    owner_check="phone",
    letter_language="fr",
    code_pattern=r"^[A-Za-z0-9]{8}$",
    code_loose=r"^[A-Za-z0-9_-]{4,40}$",
    # Of `message` the journal blots out whatever repeats something we sent.
    journal_visible=(
        "error",
        "message",
        "status",
        "points_amount",
        "created_at",
        "terminal_id",
        "amount",
        "currency",
        "order_id",
        "time",
        "earn_burn",
        "sale_amount",
        "payment_type",
        "type",
        "sale_timestamp",
    ),
    journal_masked=("code", "vouchers"),
)
