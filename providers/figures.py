"""What an operation moved, where a domain counts something: points asked for, points moved. Domains register how it is read."""

from __future__ import annotations

FIGURES = ("requested", "applied", "balance", "left_to_pay")
NAMED = ", ".join(f"'{name}', f.{name}" for name in FIGURES)
_NONE = f"SELECT {', '.join(f'NULL::text AS {name}' for name in FIGURES)} WHERE false"
_selects: dict[str, str] = {}


def figured(kind: str, select: str) -> None:
    """`select` brings FIGURES as text for the operation `o.id`, in their order. `kind` is what its operations begin with."""
    _selects[kind] = select


def joined() -> str:
    """Behind the tables of `providers.standing`, as `f`. One statement, however many domains there are."""
    each = [f"{select} AND split_part(o.kind, '.', 1) = '{kind}'" for kind, select in sorted(_selects.items())]
    return f"LEFT JOIN LATERAL ({' UNION ALL '.join([_NONE, *each])}) f ON true"
