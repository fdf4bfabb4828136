"""Rekaz: bookings, subscriptions and attendances of Saudi merchants. Source: docs.rekaz.io, merchant public API, version 2."""

from providers.contracts import ProviderSpec

SPEC = ProviderSpec(
    slug="rekaz",
    names={"ar": "ركاز", "fr": "Rekaz", "en": "Rekaz"},
    kind="reservations",
    secret_fields=(),
    optional_secret_fields=("key", "secret", "token"),
    login_choices=(("key", "secret"), ("token",)),
    # `timezone` is where the clinic's wall clock hangs, `wire_timezone` what Rekaz means by the Z behind its own times.
    setting_fields={"tenant": "", "branch_id": "", "timezone": "Asia/Riyadh", "wire_timezone": "UTC"},
    hosts=("platform.rekaz.io",),
    currency="SAR",
    letter_language="ar",
    answer_bytes=8 * 1024 * 1024,
    # Of `message` and `title` the journal blots out whatever repeats something we sent; `errors` quote it and are left out.
    journal_visible=(
        "code",
        "message",
        "title",
        "status",
        "customStatus",
        "totalCount",
        "startAt",
        "endAt",
        "startDate",
        "endDate",
        "from",
        "to",
        "quantity",
        "reservationNumber",
        "notifyCustomer",
        "pausedAt",
        "resumeAt",
        "type",
        "actionType",
        "occurenceDays",
        "isAvailable",
        "isOutDated",
    ),
    journal_masked=(
        "id",
        "customerId",
        "branchId",
        "priceId",
        "actionId",
        "invoiceId",
        "reservationIds",
        "subscriptionId",
    ),
)
