"""Linking: each instance gets the ports that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atkc.compiler.instance import NOWHERE, BorderDetail, Instance, LabelDetail, Path, Target
from atkc.compiler.load import span_at
from atkc.compiler.records import record_type
from atkc.compiler.references import (
    branch_of,
    carried,
    flat_refs,
    label_detail,
    output_type,
    resolve,
    resolve_refs,
    unlabelled,
)
from atkc.compiler.scope import Entry, Expansion, Group, Scope, fitted, report_problems
from atkc.spec.diagnostic import Diagnostic
from atkc.spec.model import ExportAs, Reading
from atkc.spec.rowtype import Record


def link(ex: Expansion, scope: Scope) -> None:
    """Make the instances of a scope and of the modules in it."""
    for name in scope.document.data.get("inputs", {}):
        _link_input(ex, scope, name)
    for group in scope.groups.values():
        if not group.entries:
            ex.spared.update(_read_by(scope.document.data["steps"][group.name]))
        for entry in group.entries:
            if entry.off:
                ex.spared.update(_read_by(entry.raw))
                continue
            if entry.borders is not None:
                for name in entry.borders.document.data.get("inputs", {}):
                    _link_input(ex, entry.borders, name)
            elif entry.module is not None:
                link(ex, entry.module)
            elif entry.raw["type"] != "use" and (scope.root or entry.raw["type"] != "export"):
                _link_entry(ex, scope, group, entry)


def _read_by(raw: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the steps that a step without instances would read, as far as they are written out."""
    for refs in (raw.get("from"), raw.get("sides")):
        yield from (("steps", ref.partition(".")[0]) for ref in flat_refs(refs))


def _link_input(ex: Expansion, scope: Scope, name: str) -> None:
    raw = scope.document.data["inputs"][name]
    path: Path = ("inputs", name)
    record = record_type(ex.space, scope.document, raw["type"], (*path, "type"))
    if name in scope.groups:
        span = span_at(scope.document.root, path, key=True)
        ex.report(Diagnostic("ATK207", f"an input and a step are both called `{name}`", span))
        return
    if record is None:
        return
    id_ = scope.prefix + name
    default = raw.get("default")
    if scope.caller is not None and _given(scope, name) is not None:
        group, entry = scope.caller
        assert scope.parent is not None
        refs = _given(scope, name)
        targets = resolve_refs(ex, scope.parent, entry, refs, (*group.path, "from"))
        branch = branch_of(scope.parent, entry, refs)
        detail = BorderDetail(record, carried(scope.parent, group, entry))
        ex.instances[id_] = Instance(
            id_,
            "border",
            scope.document,
            path,
            scope.constants,
            {"in": targets},
            detail=detail,
            branch=branch,
            root=False,
        )
    elif isinstance(default, str):
        span = span_at(scope.document.root, (*path, "default"))
        target = Target(scope.prefix + default, span=span)
        if default not in scope.document.data["inputs"]:
            ex.report(Diagnostic("ATK306", f"there is no input `{default}`", span))
            return
        ex.instances[id_] = Instance(
            id_,
            "border",
            scope.document,
            path,
            scope.constants,
            {"in": (target,)},
            detail=BorderDetail(record),
            root=scope.root,
        )
    else:
        _link_default(ex, scope, id_, path, raw, record)


_NOTHING = {"read": "inline", "with": {"rows": []}}


def _link_default(
    ex: Expansion, scope: Scope, id_: str, path: Path, raw: Mapping[str, Any], record: Record
) -> None:
    """An input of a spec that runs alone reads its default; without one it is empty in lint.

    In a spec that is used, what the caller leaves out is empty.
    """
    left_out = scope.caller is not None or raw.get("optional")
    default = (raw.get("default") if scope.caller is None else None) or dict(_NOTHING)
    if not raw.get("default") and not left_out:
        span = span_at(scope.document.root, path, key=True)
        message = f"input `{path[1]}` has no default: the spec runs only through `use`"
        ex.unset.append(Diagnostic("ATK005", message, span))
    data, problems = ex.space.fill(default, scope.constants)
    place = (*path, "default")
    report_problems(ex, scope, place, problems)
    step = None if problems else fitted(ex, scope.document, place, data, Reading)
    if step is not None:
        ex.instances[id_] = Instance(
            id_,
            "input",
            scope.document,
            path,
            scope.constants,
            {},
            step=step,
            detail=record,
            root=scope.root,
        )


def _given(scope: Scope, name: str) -> Any:
    """Return the references that the caller hands to an input, or None."""
    assert scope.caller is not None
    refs = scope.caller[1].step.from_
    if isinstance(refs, dict):
        return refs.get(name)
    first = next(iter(scope.document.data.get("inputs", {})), None)
    return refs if name == first else None


def _link_entry(ex: Expansion, scope: Scope, group: Group, entry: Entry) -> None:
    inputs: dict[str, tuple[Target, ...]] = {}
    refs = getattr(entry.step, "from_", None)
    if entry.step is None:
        return
    path = (*group.path, "from")
    if isinstance(refs, dict):
        for role, ref in refs.items():
            inputs[role] = resolve_refs(ex, scope, entry, ref, (*path, role))
    elif refs is not None:
        inputs["in"] = resolve_refs(ex, scope, entry, refs, path)
    for name, ref in getattr(entry.step, "sides", {}).items():
        side = resolve_refs(ex, scope, entry, ref, (*group.path, "sides", name))
        inputs[f"side.{name}"] = side
    draw = str(getattr(entry.step, "draw", 0))
    draws = (*scope.draws, draw)
    id_ = unlabelled(entry)
    instance = Instance(
        id_,
        entry.raw["type"],
        scope.document,
        group.path,
        entry.constants,
        inputs,
        step=entry.step,
        raw=entry.raw,
        models=scope.models,
        branch=branch_of(scope, entry, refs),
        draw="/".join(draws) if any(d not in ("0", "") for d in draws) else "",
        root=scope.root,
        origins=_origins(ex, scope, group, entry),
    )
    ex.instances[id_] = instance
    if id_ != entry.id:
        ex.instances[entry.id] = Instance(
            entry.id,
            "label",
            scope.document,
            group.path,
            entry.constants,
            {"in": (Target(id_),)},
            detail=label_detail(ex, scope, group, entry),
            root=scope.root,
        )


def _origins(ex: Expansion, scope: Scope, group: Group, entry: Entry) -> dict[str, str]:
    """Return the addresses that `by: {origin: step}` may mean, by the written name."""
    by = entry.raw.get("by")
    if not isinstance(by, dict) or "origin" not in by:
        return {}
    path = (*group.path, "by", "origin")
    targets = resolve_refs(ex, scope, entry, by["origin"], path)
    if not targets or targets[0].id == NOWHERE:
        return {}
    if len(targets) != 1:
        span = span_at(scope.document.root, path)
        ex.report(Diagnostic("ATK315", "an origin must be one step, not several", span))
        return {}
    return {by["origin"]: targets[0].id}


def _projected(ex: Expansion, scope: Scope, name: str, targets: list[Target]) -> Target:
    """Return the node that narrows an output to its declared type, as callers would get it."""
    id_ = f"{name}:type"
    ex.instances[id_] = Instance(
        id_,
        "label",
        scope.document,
        ("outputs", name),
        scope.constants,
        {"in": tuple(targets)},
        detail=LabelDetail({}, {}, type=output_type(ex, scope, name)),
    )
    return Target(id_)


def link_outputs(ex: Expansion, scope: Scope) -> None:
    """Let the outputs of the spec that runs be written, where they say how."""
    for name, raw in scope.document.data.get("outputs", {}).items():
        path: Path = ("outputs", name)
        data, problems = ex.space.fill(dict(raw), scope.constants)
        report_problems(ex, scope, path, problems)
        if problems:
            continue
        targets: list[Target] = []
        for i, ref in enumerate(flat_refs(data["from"])):
            place = (*path, "from", i) if isinstance(data["from"], list) else (*path, "from")
            targets += resolve(ex, scope, ref, (), span_at(scope.document.root, place))
        if "type" in raw:
            targets = [_projected(ex, scope, name, targets)]
        ex.outputs.update(t.id for t in targets)
        path = (*path, "export")
        if "export" not in data:
            continue
        step = fitted(ex, scope.document, path, data["export"], ExportAs)
        if step is not None:
            taken = name in scope.groups or name in ex.instances
            id_ = f"{name}.export" if taken else name
            ex.instances[id_] = Instance(
                id_,
                "output",
                scope.document,
                path,
                scope.constants,
                {"in": tuple(targets)},
                step=step,
            )
