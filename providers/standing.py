"""How an operation stands, in the words of the partner API, made by PostgreSQL: lists of them are asked for often.

`o` is providers_operation, `a` its account, `b` its branch.
"""

from __future__ import annotations

FINAL = ("succeeded", "refused", "not_sent", "not_applied", "partial")
STATUSES = ("processing", *FINAL, "unknown", "needs_review")
IN_PART = "(o.state = 'partial' OR (o.state = 'resolved_applied' AND o.outcome ? 'applied'))"
STATUS = f"""CASE WHEN o.state IN ('created', 'preparing', 'sending') THEN 'processing'
    WHEN {IN_PART} THEN 'partial'
    WHEN o.state = 'resolved_applied' THEN 'succeeded'
    WHEN o.state = 'resolved_not_applied' THEN 'not_applied' ELSE o.state END"""
EVIDENCE = """CASE WHEN o.state IN ('resolved_applied', 'resolved_not_applied') THEN 'person'
    WHEN o.finished_at IS NULL THEN NULL ELSE nullif(o.evidence_level, '') END"""
# Nothing happened, and the same may be tried once more under a new key. A refusal would only be repeated.
SAFE_STATES = ("not_sent", "not_applied", "resolved_not_applied")
SAFE = f"(o.state IN {SAFE_STATES})"
FIELDS = f"""'status', {STATUS}, 'evidence', {EVIDENCE}, 'provider', a.provider, 'branch', b.code,
    'amount', round(o.amount, 2)::text, 'currency', o.currency,
    'provider_reference', coalesce(o.outcome -> 'references', '{{}}'),
    'refusal_code', nullif(o.refusal_code, ''), 'safe_to_retry', {SAFE},
    'external_ref', nullif(o.external_ref, ''), 'created_at', o.created_at, 'updated_at', o.changed_at"""
# What this caller may see: of its branches what staff did and what the partner itself did, never what another partner did.
VISIBLE = "b.is_active AND b.code = ANY(%(branches)s) AND (o.partner IS NULL OR o.partner = %(partner)s)"
TABLES = """providers_operation o JOIN providers_account a ON a.id = o.account_id
    JOIN branches_branch b ON b.id = o.branch_id"""
# The states behind a status, so that a filter can use what is stored.
STATES: dict[str, tuple[str, ...]] = {
    "processing": ("created", "preparing", "sending"),
    "succeeded": ("succeeded", "resolved_applied"),
    "partial": ("partial", "resolved_applied"),
    "not_applied": ("not_applied", "resolved_not_applied"),
}


def status_of(state: str, *, in_part: bool = False) -> str:
    """As STATUS, of one row at hand."""
    if in_part:
        return "partial"
    return next((status for status, states in STATES.items() if state in states and status != "partial"), state)


def with_status(status: str) -> str:
    """Of the values that `status_given` gives."""
    return f"(o.state = ANY(%(states)s) AND {STATUS} = %(status)s)" if status else "true"


def status_given(status: str) -> dict[str, object]:
    return {"status": status, "states": list(STATES.get(status, (status,)))} if status else {}
