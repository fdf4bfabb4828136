from providers.models.accounts import Account, AccountHealth, AccountToken, BranchAccount, Environment, Heartbeat
from providers.models.books import Reread, Restoration
from providers.models.mirror import MirrorRow
from providers.models.operations import (
    OPEN_STATES,
    Attempt,
    Call,
    Claim,
    Decision,
    Discrepancy,
    Evidence,
    Operation,
    Source,
    State,
    Transition,
    append_only,
    never_deleted,
)

__all__ = [
    "OPEN_STATES",
    "Account",
    "AccountHealth",
    "AccountToken",
    "Attempt",
    "BranchAccount",
    "Call",
    "Claim",
    "Decision",
    "Discrepancy",
    "Environment",
    "Evidence",
    "Heartbeat",
    "MirrorRow",
    "Operation",
    "Reread",
    "Restoration",
    "Source",
    "State",
    "Transition",
    "append_only",
    "never_deleted",
]
