from providers.models.accounts import Account, AccountHealth, AccountToken, BranchAccount, Environment, Heartbeat
from providers.models.asks import Question
from providers.models.books import Reread, Restoration
from providers.models.deeds import SyncDeed
from providers.models.evidence import Call, Decision, Discrepancy, Evidence
from providers.models.hooks import Hook, HookAddress
from providers.models.mirror import (
    Drift,
    MirrorRow,
    Missing,
    Quarantined,
    Shape,
    Staged,
    SyncRun,
    SyncSeen,
    SyncStatus,
    SyncTouched,
)
from providers.models.operations import (
    OPEN_STATES,
    Attempt,
    Claim,
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
    "Drift",
    "Environment",
    "Evidence",
    "Heartbeat",
    "Hook",
    "HookAddress",
    "MirrorRow",
    "Missing",
    "Operation",
    "Quarantined",
    "Question",
    "Reread",
    "Restoration",
    "Shape",
    "Source",
    "Staged",
    "State",
    "SyncDeed",
    "SyncRun",
    "SyncSeen",
    "SyncStatus",
    "SyncTouched",
    "Transition",
    "append_only",
    "never_deleted",
]
