"""Options under `with:` against what a reader, function or format declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atkc.compiler.flow import Flow
from atkc.compiler.instance import Instance, Path
from atkc.compiler.params import PATH_KINDS
from atkc.spec.conform import conform
from atkc.spec.rowtype import Nullable, Scalar, non_null
from atkc.spec.signature import REQUIRED, Option
from atkc.spec.suggest import hint


def settle(
    flow: Flow,
    inst: Instance,
    path: Path,
    given: Mapping[str, Any],
    known: Mapping[str, Option],
    what: str,
) -> dict[str, Any] | None:
    """Return every option with its value, paths resolved; None after reporting what is wrong."""
    right = True
    for name in given:
        if name not in known:
            right = False
            span = flow.span(inst, *path, name, key=True)
            names = ", ".join(f"`{n}`" for n in known) or "none"
            helps = hint(name, known) or f"known options: {names}"
            flow.report("ATK431", f"`{what}` has no option `{name}`", span, helps)
    out: dict[str, Any] = {}
    for name, option in known.items():
        if name not in given and option.default is REQUIRED:
            right = False
            flow.report("ATK432", f"`{what}` needs the option `{name}`", flow.span(inst, key=True))
            continue
        value = given.get(name, option.default)
        if name in given:
            right &= _fits(flow, inst, (*path, name), value, option)
            value = _located(flow, inst, (*path, name), value, option)
            right &= value is not None or given[name] is None
        out[name] = value
    return out if right else None


def _fits(flow: Flow, inst: Instance, path: Path, value: Any, option: Option) -> bool:
    if value is None and isinstance(option.type, Nullable):
        return True
    found = conform(value, option.type)
    for miss in found:
        flow.report("ATK202", f"`{path[-1]}`: {miss.message}", flow.span(inst, *path, *miss.path))
    least = option.minimum
    if not found and least is not None and isinstance(value, int | float) and value < least:
        message = f"`{path[-1]}` must be at least {least}, not {value}"
        flow.report("ATK205", message, flow.span(inst, *path))
        return False
    return not found


def _located(flow: Flow, inst: Instance, path: Path, value: Any, option: Option) -> Any:
    kind = non_null(option.type)
    if not (isinstance(kind, Scalar) and kind.name in PATH_KINDS and isinstance(value, str)):
        return value
    found = flow.space.locate(value, inst.document.path, flow.span(inst, *path))
    return None if found is None else str(found)
