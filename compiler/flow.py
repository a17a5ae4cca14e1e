"""Types along every edge: instances in order become nodes of the plan with typed ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from atkc.compiler.failure_limit import failure_limit
from atkc.compiler.instance import Instance, Path, Target
from atkc.compiler.load import Workspace, span_at
from atkc.compiler.plan import Edge, Expression, Gate, Node, Op, Place, Text
from atkc.spec.diagnostic import Diagnostic, Problem, has_errors
from atkc.spec.expression.check import check
from atkc.spec.expression.names import names_used, reads
from atkc.spec.expression.parse import parse
from atkc.spec.expression.scope import Constant, Scope
from atkc.spec.nodes import ScalarNode, locate
from atkc.spec.rowtype import (
    ANY,
    STRING,
    Enum,
    Fit,
    Record,
    Type,
    fits,
    join_records,
    show,
    to_notation,
)
from atkc.spec.source import Span
from atkc.spec.suggest import hint
from atkc.spec.template import check as check_template
from atkc.spec.template import parse as parse_template

_OWN_PORTS = ("main", "kept", "rejected", "failed", "files")
FAILURE = Record.of(
    {"step": STRING, "kind": STRING, "message": STRING, "request": ANY, "reply": ANY}
)


class Made(Struct):
    """What one step type makes of an instance."""

    op: Op
    ports: dict[str, Record]
    cardinality: str
    order: str = "streaming"
    reads: frozenset[str] = frozenset()
    lineage: tuple[str, ...] = ()
    draws: bool = False  # model calls that `draw` keeps apart


Maker = Callable[["Flow", Instance], Made | None]


class Flow(Struct):
    """The nodes made so far and their ports; one without a type is empty or poison."""

    space: Workspace
    models: Mapping[str, Any]
    tokenizer: str
    nodes: dict[str, Node] = field(default_factory=dict)
    ports: dict[tuple[str, str], Record] = field(default_factory=dict)
    lineage: dict[str, tuple[str, ...]] = field(default_factory=dict)
    origins: dict[str, Instance] = field(default_factory=dict)
    opaque: bool = False  # modules are not looked into: only declared types are known of them
    prompts: dict[tuple[Any, ...], Any] = field(default_factory=dict)  # read already, by inputs
    made: dict[str, Made] = field(default_factory=dict)
    empty: set[str] = field(default_factory=set)  # instances that nothing can reach
    lost: set[str] = field(default_factory=set)  # hidden names of fields that are not there
    partial: bool = False  # something waits for the value of a parameter

    # -- findings ------------------------------------------------------------------------------

    def report(self, code: str, message: str, span: Span | None, advice: str | None = None) -> None:
        """Add a finding."""
        self.space.report(Diagnostic(code, message, span, help=advice))

    def span(self, inst: Instance, *path: str | int, key: bool = False) -> Span:
        """Return the place of a part of a step."""
        return span_at(inst.document.root, (*inst.path, *path), key=key)

    def problems(self, inst: Instance, path: Path, text: str, found: list[Any]) -> None:
        """Report problems inside the text that stands at a path of a step."""
        node = locate(inst.document.root, (*inst.path, *path))
        for problem in found:
            span = node.span
            if isinstance(node, ScalarNode) and node.text == text and problem.end > problem.start:
                span = node.span_of(problem.start, problem.end)
            self.space.report(problem.at(span, ".".join(map(str, (*inst.path, *path)))))

    # -- streams -------------------------------------------------------------------------------

    def enter(self, inst: Instance, make: Maker) -> None:
        """Make an instance; one that makes nothing is empty or, after a finding, poison."""
        before = len(self.space.diagnostics)
        made = make(self, inst)
        if made is not None:
            self.finish(inst, made)
        elif not self.poisoned(inst) and not has_errors(self.space.diagnostics[before:]):
            self.empty.add(inst.id)

    def poisoned(self, inst: Instance, role: str | None = None) -> bool:
        """Return whether something that an instance reads could not be made for a mistake."""
        roles = inst.inputs if role is None else {role: inst.inputs.get(role, ())}
        return any(
            (t.id, t.port) not in self.ports and t.id not in self.empty
            for targets in roles.values()
            for t in targets
        )

    def live(self, targets: tuple[Target, ...]) -> list[Target]:
        """Return the targets that carry a known type; unknown ports are reported."""
        out: list[Target] = []
        for target in targets:
            if (target.id, target.port) in self.ports:
                out.append(target)
            elif target.id in self.made:
                known = list(self.made[target.id].ports)
                name = self.origins[target.id].path[-1]
                self.report(
                    "ATK301",
                    f"`{name}` has no port `{target.port}`",
                    target.span,
                    hint(target.port, known) or "use one of " + ", ".join(f"`{p}`" for p in known),
                )
        return out

    def incoming(self, inst: Instance, role: str = "in") -> Record | None:
        """Return the type of what arrives at a role; None where nothing does or all is poison."""
        targets = self.live(inst.inputs.get(role, ()))
        if self.poisoned(inst, role):
            return None
        kind: Record | None = None
        for target in targets:
            other = self.ports[(target.id, target.port)]
            both = other if kind is None else join_records(kind, other)
            if both is None:
                assert kind is not None
                self.report(
                    "ATK420",
                    f"the streams that meet here do not fit each other: {show(kind)} "
                    f"and {show(other)}",
                    target.span,
                )
                return None
            kind = both
        return kind

    def edges(self, inst: Instance) -> dict[str, list[Edge]]:
        """Return the edges of a node; what is known to be empty is left out."""
        return {
            role: [
                Edge(node=t.id, port=t.port)
                for t in targets
                if (t.id, t.port) in self.ports and t.id in self.nodes
            ]
            for role, targets in inst.inputs.items()
        }

    def ordinals(self, inst: Instance, role: str = "in") -> tuple[str, ...]:
        """Return the steps whose counters make up the ordinals of what arrives at a role."""
        targets = [t for t in inst.inputs.get(role, ()) if (t.id, t.port) in self.ports]
        if not targets:
            return ()
        first = self.lineage[targets[0].id]
        if len(targets) == 1:
            return first
        same = all(self.lineage[t.id] == first for t in targets)
        return ("+", *first) if same else ("+", "?")

    # -- expressions and templates -------------------------------------------------------------

    def expression(
        self,
        inst: Instance,
        path: Path,
        text: Any,
        record: Record,
        *,
        sides: Mapping[str, Record] | None = None,
        want: Type | None = None,
        shift: int = 0,
    ) -> tuple[Expression, Type, frozenset[str]]:
        """Return an expression for the plan, its type and the fields that it reads."""
        written = text if isinstance(text, str) else literal(text)
        expr = parse(written)
        empty = Expression(text=written)
        if isinstance(expr, Problem):
            self.problems(inst, path, written, [_shifted(expr, shift)])
            return empty, ANY, frozenset()
        scope = Scope(record, inst.constants, sides or {})
        kind, found = check(expr, scope)
        self.problems(inst, path, text, [_shifted(p, shift) for p in found])
        if want is not None and not found and fits(kind, want) is Fit.NO:
            self.report(
                "ATK402",
                f"`{written}` is {show(kind)}; {show(want)} is needed here",
                self.span(inst, *path),
            )
        values = _constants(names_used(expr), inst.constants)
        return Expression(text=written, constants=values), kind, reads(expr, scope)

    def template(
        self, inst: Instance, path: Path, text: str, record: Record
    ) -> tuple[Text, frozenset[str]]:
        """Return a template for the plan and the fields that it reads."""
        parsed = parse_template(text)
        if isinstance(parsed, Problem):
            self.problems(inst, path, text, [parsed])
            return Text(text=text), frozenset()
        names: dict[str, Type] = {n: c.type for n, c in inst.constants.items()}
        variables = record.plus(Record.of(names))
        used, found = check_template(parsed, variables)
        self.problems(inst, path, text, found)
        values = {n: inst.constants[n].value for n in sorted(used) if n in inst.constants}
        return Text(text=text, constants=values), used & frozenset(record.names())

    # -- fields --------------------------------------------------------------------------------

    def add(
        self, inst: Instance, record: Record, added: Record, replace: list[str], path: Path
    ) -> Record:
        """Return in ⊕ added; a clash that `replace` does not name is reported."""
        for name in added.names():
            if name in record and name not in replace:
                self.report(
                    "ATK430",
                    f"field `{name}` exists already",
                    self.span(inst, *path),
                    f"add `replace: [{name}]` to overwrite it, or give the new one another name",
                )
        for i, name in enumerate(replace):
            if name not in record:
                self.unknown_field(inst, ("replace", i), name, record)
        return record.plus(added)

    def unknown_field(self, inst: Instance, path: Path, name: str, record: Record) -> None:
        """Report a field that the record does not have."""
        known = visible(record)
        self.report(
            "ATK412",
            f"there is no field `{name}`",
            self.span(inst, *path),
            hint(name, known.names()) or f"the record here is {show(known)}",
        )

    def port_names(self, inst: Instance, key: str, names: list[str]) -> None:
        """Report ports that a step names like those that every step has."""
        for name in names:
            if name in _OWN_PORTS:
                message = f"a port cannot be called `{name}`: steps have one of that name"
                self.report("ATK207", message, self.span(inst, key, name, key=True))

    def place(self, inst: Instance) -> Place:
        """Return where an instance was written."""
        span = self.span(inst, key=True)
        return Place(path=inst.document.path, line=span.line, col=span.col)

    def gate(self, inst: Instance) -> Gate | None:
        """Return the limit of failed records that a step states, if any."""
        value = getattr(inst.step, "max_failures", None)
        if value is None:
            return None
        found = failure_limit(value)
        if isinstance(found, str):
            self.report("ATK205", found, self.span(inst, "max_failures"))
            return None
        return found

    def finish(self, inst: Instance, made: Made) -> None:
        """Enter what a step type made."""
        self.made[inst.id] = made
        self.origins[inst.id] = inst
        self.lineage[inst.id] = made.lineage
        for port, kind in made.ports.items():
            self.ports[(inst.id, port)] = kind
        self.nodes[inst.id] = Node(
            id=inst.id,
            type=inst.kind,
            op=made.op,
            inputs=self.edges(inst),
            # of an opaque graph only the findings are wanted
            ports={} if self.opaque else {p: to_notation(kind) for p, kind in made.ports.items()},
            reads=sorted(made.reads),
            cardinality=made.cardinality,  # type: ignore[arg-type]
            order=made.order,  # type: ignore[arg-type]
            branch=inst.branch,
            draw=inst.draw if made.draws else "",
            max_failures=self.gate(inst),
            place=None if self.opaque else self.place(inst),
        )


def visible(record: Record) -> Record:
    """Return the record less the fields that only cross it."""
    return record.without({n for n in record.names() if n.startswith("^")})


def enum_of(values: tuple[Any, ...]) -> Type:
    """Return the enum of labels."""
    return Enum(tuple(str(v) for v in values))


def _constants(names: frozenset[str], known: Mapping[str, Constant]) -> dict[str, Any]:
    """Return of the constants only what an expression names: `params.votes` and no other."""
    out: dict[str, Any] = {}
    for name in sorted(names, key=lambda n: (n.count("."), n)):
        root, *parts = name.split(".")
        if root not in known:
            continue
        value: Any = known[root].value
        for i, part in enumerate(parts):
            if not isinstance(value, dict) or part not in value:
                parts = parts[:i]
                break
            value = value[part]
        _put(out, [root, *parts], value)
    return out


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    at = tree
    for part in path[:-1]:
        at = at.setdefault(part, {})
        if not isinstance(at, dict):
            return
    at.setdefault(path[-1], value)


def literal(value: Any) -> str:
    """Return a JSON value as the text of an expression."""
    import json

    return json.dumps(value, ensure_ascii=False)


def _shifted(problem: Any, by: int) -> Any:
    from msgspec.structs import replace

    return replace(problem, start=problem.start + by, end=problem.end + by) if by else problem
