"""Expansion: `use`, `for_each` and `when` are carried out; a flat graph of instances is left."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from atkc.compiler.bindings import Binding, infer, label_of, product
from atkc.compiler.cycles import cycles
from atkc.compiler.link import link, link_outputs
from atkc.compiler.load import Document, Workspace, span_at
from atkc.compiler.model_slots import module_models, root_models
from atkc.compiler.params import Given, Params, resolve_params
from atkc.compiler.scope import Entry, Expansion, Group, Scope, fitted, report_problems
from atkc.compiler.untouched import untouched
from atkc.spec.diagnostic import Diagnostic, Problem
from atkc.spec.expression.scope import Constant
from atkc.spec.interpolate import parse_value, type_of
from atkc.spec.model import EXPRESSIONS, STEP_TYPES, TEMPLATES
from atkc.spec.places import folder_of
from atkc.spec.rowtype import ANY, ListOf
from atkc.spec.suggest import hint

MAX_INSTANCES = 10_000
_APART = ("for_each", "when")


def expand(
    space: Workspace,
    document: Document,
    given: list[Given],
    *,
    opaque: bool = False,
    checking: bool = False,
    before: Scope | None = None,
) -> Expansion:
    """Return the instances of a spec and, unless `opaque`, of all that it uses, by address.

    With `checking`, instances of one step that use a module in the same way share its inside:
    nothing in there could be found that is not found once. Their inputs are checked apart.
    `before`: the scope of the same spec with other values, in which nothing was found.
    """
    ex = Expansion(space, opaque=opaque, checking=checking)
    ex.params = resolve_params(space, document, given, None if before is None else before.params)
    ex.unset = list(ex.params.unset.values())
    ex.scope = scope = Scope(document, "", ex.params, {})
    ex.same = {} if before is None else untouched(before, ex.params.values)
    scope.constants = {"params": ex.params.constant()}
    scope.models = root_models(ex, scope)
    _fill_scope(ex, scope, (document.path,))
    if ex.whole:
        link(ex, scope)
        link_outputs(ex, scope)
    return ex


# -- instances ---------------------------------------------------------------------------------


def _fill_scope(ex: Expansion, scope: Scope, stack: tuple[str, ...]) -> None:
    looped = list(cycles(scope.document))
    ex.report(*looped)
    if looped:
        ex.whole = False
        return
    for name, raw in scope.document.data.get("steps", {}).items():
        group = Group(name, ("steps", name))
        scope.groups[name] = group
        found = None if name in scope.document.broken else _bindings(ex, scope, group, raw)
        if found is None:
            group.broken = True
            continue
        group.bindings = found
        for labels, bound in product(found):
            if ex.entries >= MAX_INSTANCES:
                _too_many(ex, scope, group)
                return
            ex.entries += 1
            constants = {**scope.constants, **{n: Constant(t, v) for n, (t, v) in bound.items()}}
            entry = Entry(labels, constants, raw)
            entry.id = scope.prefix + "/".join([name, *(label for _, label in labels)])
            group.entries.append(entry)
            _fill_entry(ex, scope, group, entry, stack)


def _too_many(ex: Expansion, scope: Scope, group: Group) -> None:
    span = span_at(scope.document.root, group.path, key=True)
    message = f"the spec makes more than {MAX_INSTANCES} steps of its `for_each`"
    ex.report(Diagnostic("ATK205", message, span, help="shorten the lists that it goes over"))
    group.broken = True
    ex.whole = False


def _bindings(
    ex: Expansion, scope: Scope, group: Group, raw: Mapping[str, Any]
) -> tuple[Binding, ...] | None:
    out: list[Binding] = []
    for name, written in raw.get("for_each", {}).items():
        path = (*group.path, "for_each", name)
        items, problems = ex.space.fill(written, scope.constants)
        report_problems(ex, scope, path, problems)
        if problems:
            return None
        if not isinstance(items, list):
            span = span_at(scope.document.root, path)
            ex.report(Diagnostic("ATK202", f"`for_each: {name}` must be a list", span))
            return None
        labels = tuple(label_of(item, i) for i, item in enumerate(items))
        twice = next((x for x in labels if labels.count(x) > 1), None)
        if twice is not None:
            span = span_at(scope.document.root, path)
            ex.report(
                Diagnostic(
                    "ATK312",
                    f"two items of `{name}` are called `{twice}`",
                    span,
                    help="give each item a `name` of its own",
                )
            )
            return None
        kind = _item_type(written, scope, items)
        out.append(Binding(name, tuple(items), labels, kind))
    return tuple(out)


def _item_type(written: Any, scope: Scope, items: list[Any]) -> Any:
    if isinstance(written, str):
        value = parse_value(written)
        kind = ANY if isinstance(value, Problem) else type_of(value, scope.constants)[0]
        if isinstance(kind, ListOf) and kind.item != ANY:
            return kind.item
    found = infer(items)
    return found.item if isinstance(found, ListOf) else ANY


def _fill_entry(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, stack: tuple[str, ...]
) -> None:
    before = ex.same.get(entry.id)
    if before is None:
        _fill_data(ex, scope, group, entry)
    else:
        entry.off, entry.raw, entry.step = before.off, before.raw, before.step
    if entry.step is not None and entry.raw["type"] == "use":
        _fill_module(ex, scope, group, entry, stack)


def _fill_data(ex: Expansion, scope: Scope, group: Group, entry: Entry) -> None:
    raw = entry.raw
    entry.off = _switched_off(ex, scope, group, entry)
    if entry.off:
        return
    held = {k: _hold(v, (k,)) for k, v in raw.items() if k not in _APART}
    data, problems = ex.space.fill(held, entry.constants)
    report_problems(ex, scope, group.path, problems)
    if problems:
        return
    entry.raw = _release(data)
    entry.step = fitted(ex, scope.document, group.path, entry.raw, STEP_TYPES[raw["type"]])


def _switched_off(ex: Expansion, scope: Scope, group: Group, entry: Entry) -> str:
    if "when" not in entry.raw:
        return ""
    path = (*group.path, "when")
    value, problems = ex.space.fill(entry.raw["when"], entry.constants)
    report_problems(ex, scope, path, problems)
    if problems:
        return "empty"
    if not isinstance(value, bool):
        span = span_at(scope.document.root, path)
        ex.report(Diagnostic("ATK202", "`when` must be true or false", span))
        return "empty"
    if value:
        return ""
    generator = entry.raw["type"] in ("source", "export") or entry.raw.get("else") == "empty"
    return "empty" if generator else "bypass"


class _Held(Struct, frozen=True):
    """An expression or template: no `${…}` is filled in there."""

    value: Any


def _hold(value: Any, path: tuple[str, ...]) -> Any:
    """Wrap what stands in expression and template slots."""
    if _slot(path) and not isinstance(value, dict | list):
        return _Held(value)
    if isinstance(value, dict):
        return {k: _hold(v, (*path, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_hold(v, (*path, "*")) for v in value]
    return value


@lru_cache(maxsize=4096)
def _slot(path: tuple[str, ...]) -> bool:
    return any(
        len(slot) == len(path) and all(s in ("*", p) for s, p in zip(slot, path, strict=True))
        for slot in (*EXPRESSIONS, *TEMPLATES)
    )


def _release(value: Any) -> Any:
    if isinstance(value, _Held):
        return value.value
    if isinstance(value, dict):
        return {k: _release(v) for k, v in value.items()}
    return [_release(v) for v in value] if isinstance(value, list) else value


# -- modules -----------------------------------------------------------------------------------


def _fill_module(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, stack: tuple[str, ...]
) -> None:
    span = span_at(scope.document.root, (*group.path, "use"))
    path = ex.space.locate(entry.raw["use"], scope.document.path, span)
    if path is None:
        return
    if path in stack:
        chain = " → ".join(p.rpartition("/")[2] for p in (*stack[stack.index(path) :], path))
        ex.report(Diagnostic("ATK311", f"the file uses itself: {chain}", span))
        return
    document = ex.space.document(path, "pipeline", span)
    if document is None:
        return
    known = (id(group), repr([entry.raw.get(key) for key in ("use", "params", "models", "carry")]))
    if ex.checking and known in ex.twins:
        entry.module = ex.twins[known]
        entry.borders = replace(
            entry.module, prefix=f"{entry.id}.", caller=(group, entry), groups={}
        )
        return
    draws = (*scope.draws, str(entry.step.draw))
    module = Scope(document, f"{entry.id}.", Params(), {}, draws, False, scope, (group, entry))
    entry.module = ex.twins[known] = module
    _check_inputs(ex, scope, group, entry, document)
    if ex.opaque:  # only what its outputs declare is asked for
        return
    module.params = _module_params(ex, scope, group, entry, document)
    module.constants = {"params": module.params.constant()}
    module.models = module_models(ex, scope, module, group, entry)
    _fill_scope(ex, module, (*stack, path))


def _module_params(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, document: Document
) -> Params:
    folder = folder_of(scope.document.path)
    where = f"step `{group.name}`"
    written = scope.document.path
    values = entry.raw.get("params", {})
    places = {k: (*group.path, "params", k) for k in values}
    given = [Given((k,), v, where, folder, written, places[k]) for k, v in values.items()]
    known = document.data.get("params", {})
    for name in entry.step.params:
        if name not in known:
            span = span_at(scope.document.root, (*group.path, "params", name), key=True)
            message = f"`{entry.step.use}` has no parameter `{name}`"
            ex.report(Diagnostic("ATK003", message, span, help=hint(name, known)))
    params = resolve_params(ex.space, document, [g for g in given if g.path[0] in known])
    for name in params.unset:
        span = span_at(scope.document.root, group.path, key=True)
        message = f"`{entry.step.use}` needs the parameter `{name}`"
        ex.report(Diagnostic("ATK005", message, span, help=f"add `params: {{{name}: …}}`"))
    return params


def _check_inputs(
    ex: Expansion, scope: Scope, group: Group, entry: Entry, document: Document
) -> None:
    known = document.data.get("inputs", {})
    refs = entry.step.from_
    given = refs if isinstance(refs, dict) else dict.fromkeys(list(known)[:1] if refs else [])
    if refs and not known:
        span = span_at(scope.document.root, (*group.path, "from"))
        ex.report(Diagnostic("ATK306", f"`{entry.step.use}` has no inputs", span))
        return
    for name in given:
        if name not in known:
            path = (*group.path, "from", name)
            span = span_at(scope.document.root, path, key=True)
            message = f"`{entry.step.use}` has no input `{name}`"
            ex.report(Diagnostic("ATK306", message, span, help=hint(name, known)))
    for name, raw in known.items():
        needed = not raw.get("optional") and not isinstance(raw.get("default"), str)
        if name not in given and needed:
            span = span_at(scope.document.root, group.path, key=True)
            message = f"`{entry.step.use}` needs the input `{name}`"
            ex.report(Diagnostic("ATK306", message, span, help=f"add `from: {{{name}: …}}`"))
