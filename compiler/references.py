"""References: which ports a name in `from` means.

A step that is off stands for what it reads; an output of a module for the steps inside that make
it; a name outside its `for_each` for all instances, in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atkc.compiler.bindings import Labels, matches
from atkc.compiler.instance import NOWHERE, Instance, LabelDetail, Path, Target
from atkc.compiler.load import span_at
from atkc.compiler.records import record_type
from atkc.compiler.scope import Entry, Expansion, Group, Scope, report_problems
from atkc.spec.diagnostic import Diagnostic, Problem
from atkc.spec.expression.check import check
from atkc.spec.expression.evaluate import compile_expr
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Scope as ExpressionScope
from atkc.spec.expression.values import EvaluationError
from atkc.spec.rowtype import Record
from atkc.spec.source import Span
from atkc.spec.suggest import hint

_FALLIBLE = ("source", "prompt", "parse", "vote-filter")


def branch_of(scope: Scope, entry: Entry, refs: Any) -> str:
    """Return the label to mix into identities where a stream enters a `for_each` instance."""
    if not entry.labels:
        return ""
    label = "/".join(text for _, text in entry.labels)
    return "" if refs and _are_branched(scope, entry.labels, refs) else label


def _are_branched(scope: Scope, labels: Labels, refs: Any) -> bool:
    """Return whether all that is read carries these labels in its identities already.

    A step that is left out carries what it reads carries.
    """
    for ref in flat_refs(refs):
        group = scope.groups.get(ref.partition(".")[0])
        if group is None or not {n for n, _ in labels} <= {b.name for b in group.bindings}:
            return False
        for other in group.entries:
            bypassed = other.off == "bypass" and matches(labels, other.labels)
            if bypassed and not _are_branched(scope, other.labels, other.raw.get("from")):
                return False
    return True


def flat_refs(refs: Any) -> Iterator[str]:
    """Yield each reference of a `from`."""
    if isinstance(refs, str):
        yield refs
    elif isinstance(refs, dict):
        for inner in refs.values():
            yield from flat_refs(inner)
    elif isinstance(refs, list | tuple):
        for inner in refs:
            yield from flat_refs(inner)


def resolve_refs(
    ex: Expansion, scope: Scope, entry: Entry, refs: Any, path: Path
) -> tuple[Target, ...]:
    """Return the ports that the references of a step mean, in order."""
    out: list[Target] = []
    items = [refs] if isinstance(refs, str) else list(refs)
    for i, ref in enumerate(items):
        place = path if isinstance(refs, str) else (*path, i)
        span = span_at(scope.document.root, place)
        out += resolve(ex, scope, ref, entry.labels, span)
    return tuple(out)


def resolve(
    ex: Expansion, scope: Scope, ref: str, labels: Labels, span: Span | None
) -> list[Target]:
    """Return the ports that one reference means: `step`, `step.port`, `input`."""
    name, _, port = ref.partition(".")
    if name in scope.document.data.get("inputs", {}) and name not in scope.groups:
        return [Target(scope.prefix + name, port_name(port), span)]
    group = scope.groups.get(name)
    if group is None:
        known = [*scope.groups, *scope.document.data.get("inputs", {})]
        message = f"there is no step `{name}`"
        ex.report(Diagnostic("ATK300", message, span, help=hint(name, known)))
        return [Target(NOWHERE, span=span)]
    if group.broken:
        return [Target(NOWHERE, span=span)]
    mine = tuple(
        (n, x) for n, x in labels if any(b.name == n and x in b.labels for b in group.bindings)
    )
    out: list[Target] = []
    for entry in group.entries:
        if matches(mine, entry.labels):
            out += _resolve_entry(ex, scope, group, entry, port, span)
    return out


def _resolve_entry(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, port: str, span: Span | None
) -> list[Target]:
    if entry.off == "empty":
        return []
    if entry.off == "bypass":
        refs = entry.raw.get("from")
        if isinstance(refs, dict):
            refs = next(iter(refs.values()), [])
        if port_name(port) != "main" and port != _main_of(ex, scope, entry):
            return []
        held, _ = ex.space.fill(refs, entry.constants)
        return [t for r in flat_refs(held) for t in resolve(ex, scope, r, entry.labels, span)]
    if entry.module is None:
        node = entry.id if port_name(port) == "main" else unlabelled(entry)
        return [Target(node, port_name(port), span)]
    if port == "failed":
        return list(_inner_failures(ex, entry.module))
    return module_output(ex, group, entry, port, span)


def _main_of(ex: Expansion, scope: Scope, entry: Entry) -> str | None:
    """Return the name of the main output where a step uses a module."""
    text = entry.raw.get("use")
    path = ex.space.locate(text, scope.document.path, None) if isinstance(text, str) else None
    module = path and ex.space.document(path, "pipeline")
    return _output_name(module.data.get("outputs", {}), "") if module else None


def unlabelled(entry: Entry) -> str:
    """Return the address of a step's own node; one with `label:` has a second that adds it."""
    labelled = entry.raw.get("label") and entry.raw["type"] != "use"
    return f"{entry.id}.unlabelled" if labelled else entry.id


def _inner_failures(ex: Expansion, module: Scope) -> Iterator[Target]:
    for group in module.groups.values():
        for entry in group.entries:
            if entry.module is not None:
                yield from _inner_failures(ex, entry.module)
            elif not entry.off and entry.raw["type"] in _FALLIBLE:
                yield Target(unlabelled(entry), "failed")


def port_name(port: str) -> str:
    return "main" if port in ("", "kept", "main") else port


def module_output(
    ex: Expansion, group: Group, entry: Entry, port: str, span: Span | None
) -> list[Target]:
    """Return the node that hands out one output of a module, made when first asked for."""
    module = entry.module
    assert module is not None
    declared = module.document.data.get("outputs", {})
    name = _output_name(declared, port)
    if name is None:
        ex.report(_no_output(group.name, entry.step.use, port, span, list(declared)))
        return [Target(NOWHERE, span=span)]
    id_ = module.prefix + name
    if name in module.groups or name in module.document.data.get("inputs", {}):
        id_ = f"{entry.id}:{name}"
    if id_ not in ex.instances:
        ex.instances[id_] = _output_node(ex, module, group, entry, name, id_)
    return [Target(id_, "main", span)]


def _no_output(step: str, use: str, port: str, span: Span | None, known: list[str]) -> Diagnostic:
    listed = ", ".join(f"`{step}.{name}`" for name in known)
    if port and port != "main":
        advice = hint(port, known) or (f"read one of {listed}" if known else None)
        return Diagnostic("ATK301", f"`{use}` has no output `{port}`", span, help=advice)
    if not known:
        return Diagnostic("ATK314", f"`{use}` has no outputs", span)
    message = f"`{use}` has several outputs, and none says `main: true`"
    return Diagnostic("ATK314", message, span, help=f"read one of {listed}")


def carried(scope: Scope, group: Group, entry: Entry) -> dict[str, Span]:
    """Return the fields that a `use` carries across, each with its place."""
    names = getattr(entry.step, "carry", ())
    root, path = scope.document.root, (*group.path, "carry")
    return {name: span_at(root, (*path, i)) for i, name in enumerate(names)}


def _output_name(declared: Any, port: str) -> str | None:
    if port and port not in ("main", "kept"):
        return port if port in declared else None
    main: list[str] = [n for n, raw in declared.items() if raw.get("main") is True]
    if not main and len(declared) == 1:
        main = list(declared)
    return main[0] if main else None


def _output_node(
    ex: Expansion, module: Scope, group: Group, entry: Entry, name: str, id_: str
) -> Instance:
    raw = module.document.data["outputs"][name]
    path: Path = ("outputs", name)
    refs, problems = ex.space.fill(raw["from"], module.constants)
    report_problems(ex, module, (*path, "from"), problems)
    targets: list[Target] = []
    kind = output_type(ex, module, name)
    if ex.opaque:
        targets.append(_unseen(ex, module, name, kind, id_))
        refs = []
    for ref in flat_refs(refs):
        where = span_at(module.document.root, (*path, "from"))
        targets += resolve(ex, module, ref, (), where)
    return Instance(
        id_,
        "label",
        module.document,
        path,
        module.constants,
        {"in": tuple(targets)},
        detail=label_detail(ex, module.parent or module, group, entry, kind),
        root=False,
    )


def _unseen(ex: Expansion, module: Scope, name: str, kind: Record | None, id_: str) -> Target:
    """Return a node that stands for all that makes an output, if its type is declared."""
    if kind is None:
        return Target(NOWHERE)
    first = list(module.document.data.get("inputs", {}))[:1]
    inputs = {"in": (Target(module.prefix + first[0]),)} if first else {}
    ex.instances[f"{id_}?"] = Instance(
        f"{id_}?",
        "opaque",
        module.document,
        ("outputs", name),
        module.constants,
        inputs,
        detail=kind,
        root=False,
    )
    return Target(f"{id_}?")


def output_type(ex: Expansion, scope: Scope, name: str) -> Record | None:
    """Return the declared type of an output; one that is no record type is reported."""
    raw = scope.document.data["outputs"][name]
    if "type" not in raw:
        return None
    path: Path = ("outputs", name, "type")
    return record_type(ex.space, scope.document, raw["type"], path)


def label_detail(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, kind: Record | None = None
) -> LabelDetail:
    """Return the constant fields of `label:`, with the values they have in all instances."""
    written = entry.raw.get("label") or {}
    values: dict[str, Any] = {}
    enums: dict[str, tuple[Any, ...]] = {}
    for field, text in written.items():
        values[field] = _label_value(ex, entry, text)
        every = [_label_value(ex, other, text) for other in group.entries]
        enums[field] = tuple(dict.fromkeys(v for v in every if v is not None))
    carry = carried(scope, group, entry)
    root, path = scope.document.root, (*group.path, "label")
    spans = {field: span_at(root, (*path, field)) for field in written}
    return LabelDetail(values, enums, carry, kind, entry.id, spans)


def _label_value(ex: Expansion, entry: Entry, text: Any) -> Any:
    """Return a label: the label of a binding named alone, else an expression over bindings."""
    known = dict(entry.labels)
    if isinstance(text, str) and text in known:
        return known[text]
    expr = parse(str(text))
    if isinstance(expr, Problem):
        return None
    values = {n: c.value for n, c in entry.constants.items()}
    problems = check(expr, ExpressionScope(constants=entry.constants, value_slot=True))[1]
    if problems:
        return None
    try:
        return compile_expr(expr, values, ex.space.library.expressions)({}, None)  # type: ignore[arg-type]
    except EvaluationError:
        return None
