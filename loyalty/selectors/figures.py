"""What a change to a card moved, for lists of operations of every kind (providers/figures.py)."""

from __future__ import annotations

FIGURES = """SELECT t.requested::text, t.applied::text, t.balance_after::text, t.left_to_pay::text FROM loyalty_act t
    WHERE t.operation_id = o.id"""
