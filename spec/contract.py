"""Reply contracts, the front: read from a prompt file, told to a model, kept in a plan."""

from __future__ import annotations

from atkc.spec.contract_model import (
    Contract,
    Each,
    Part,
    Variant,
    Verdict,
    cardinality,
    item_type,
    verdict_values,
)
from atkc.spec.contract_plan import from_json, response_format, to_json
from atkc.spec.contract_reading import parse_contract
from atkc.spec.contract_writing import instructions

__all__ = [
    "Contract",
    "Each",
    "Part",
    "Variant",
    "Verdict",
    "cardinality",
    "from_json",
    "instructions",
    "item_type",
    "parse_contract",
    "response_format",
    "to_json",
    "verdict_values",
]
