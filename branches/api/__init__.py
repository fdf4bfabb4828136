"""What every endpoint of the partner API stands on, and the list of branches. No word of a provider, none of a partner."""

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.once import Also, Shown, once
from branches.api.reading import (
    REFERENCE,
    BranchCode,
    PageQuery,
    Reference,
    Strict,
    Text,
    body,
    branch_for,
    query,
)
from branches.api.refusals import FieldProblem, NothingThere, Refusal, wrong_field
from branches.api.waiting import wait_for

__all__ = [
    "REFERENCE",
    "Also",
    "BranchCode",
    "Endpoint",
    "FieldProblem",
    "NothingThere",
    "PageQuery",
    "Reference",
    "Refusal",
    "Shown",
    "Strict",
    "Text",
    "Told",
    "body",
    "branch_for",
    "guest_of",
    "once",
    "query",
    "wait_for",
    "wrong_field",
]
