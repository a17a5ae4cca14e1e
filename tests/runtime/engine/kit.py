"""Plans built by hand, a small library, and a caller that answers by rule, out of order."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from atkc.compiler.plan import (
    Action,
    CombineOp,
    Condition,
    Edge,
    ExportOp,
    Expression,
    MapOp,
    Node,
    Plan,
    Prompt,
    PromptMessage,
    PromptOp,
    SourceOp,
    Text,
    Variant,
    VoteOp,
)
from atkc.runtime.api import Bodies, Context, Data, Placed, ReadFailure
from atkc.runtime.asking import Ask, Embed, Later, Outcome, Vector, Vectors
from atkc.runtime.engine import execute
from atkc.runtime.errors import RecordError, ReplyError
from atkc.runtime.settings import Result, Settings
from atkc.spec.rowtype import ANY, Record
from atkc.spec.signature import FunctionSignature, Library, Shape
from atkc.stdlib.expressions import EXPRESSIONS

Rows = Sequence[Any]


def expr(text: str, **constants: Any) -> Expression:
    return Expression(text=text, constants=constants)


def edge(text: str) -> Edge:
    """`node.port`, with a `!` at the end if it spills."""
    name, _, port = text.rstrip("!").partition(".")
    return Edge(node=name, port=port or "main", spill=text.endswith("!"))


def prompt(text: str = "{{ text }}", contract: dict[str, Any] | None = None) -> Prompt:
    message = PromptMessage(role="user", content=Text(text=text))
    return Prompt(name="p", messages=[message], contract=contract)


class Flow:
    """Adds nodes one after the other; `inputs` are edges as texts, or roles with edges."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.rows: dict[str, Rows] = {}

    def node(self, name: str, op: Any, inputs: Any = None, **more: Any) -> Flow:
        more = {"cardinality": "1:1", "type": op.op, **more}
        if isinstance(inputs, str):
            inputs = [inputs]
        if not isinstance(inputs, Mapping):
            inputs = {"in": inputs} if inputs else {}
        edges = {
            role: [edge(e) for e in ([given] if isinstance(given, str) else given)]
            for role, given in inputs.items()
        }
        self.nodes.append(Node(id=name, op=op, inputs=edges, **more))
        return self

    def source(self, name: str, rows: Rows, **more: Any) -> Flow:
        self.rows[name] = rows
        own = {k: more.pop(k) for k in ("fields", "extra", "content") if k in more}
        op = SourceOp(reader="rows", version=1, options={"name": name}, **own)
        return self.node(name, op, **more)

    def map(self, name: str, inputs: Any, *actions: Action, **more: Any) -> Flow:
        op = MapOp(actions=list(actions), condition=more.pop("condition", None))
        return self.node(name, op, inputs, **more)

    def ask(self, name: str, inputs: Any, **more: Any) -> Flow:
        given = more.pop("prompt", None) or prompt(contract={"format": "fake"})
        names = PromptOp.__struct_fields__
        own = {k: more.pop(k) for k in list(more) if k in names}
        own.setdefault("variants", [Variant(prompt=given)])
        return self.node(name, PromptOp(model="m", **own), inputs, **more)

    def vote(self, name: str, inputs: Any, **more: Any) -> Flow:
        own = {k: more.pop(k) for k in list(more) if k in VoteOp.__struct_fields__}
        given = {"prompt": prompt(contract={"format": "fake"}), "name": "worth", **own}
        return self.node(name, VoteOp(model="m", **given), inputs, **more)

    def combine(self, name: str, operator: str, inputs: Any, **more: Any) -> Flow:
        given = more.pop("expressions", {})
        own = {
            "options": more.pop("options", {}),
            "model": more.pop("model", ""),
            "sides": more.pop("sides", {}),
            "expressions": {k: expr(v) if isinstance(v, str) else v for k, v in given.items()},
        }
        return self.node(name, CombineOp(operator=operator, **own), inputs, **more)

    def export(self, name: str, inputs: Any, path: str = "", **more: Any) -> Flow:
        own = {k: more.pop(k) for k in list(more) if k in ExportOp.__struct_fields__}
        op = ExportOp(format="jsonl", version=1, path=path or f"{name}.jsonl", **own)
        return self.node(name, op, inputs, **more)

    def plan(self) -> Plan:
        return Plan(name="t", nodes=self.nodes)


def where(text: str) -> Action:
    return Action(verb="where", test=expr(text))


def put(**values: str) -> Action:
    return Action(verb="set", values={name: expr(text) for name, text in values.items()})


def apply(function: str, **options: Any) -> Action:
    return Action(verb="apply", function=function, version=1, options=options)


def unnest(field: str, name: str = "", **more: Any) -> Action:
    return Action(verb="unnest", field=field, name=name, **more)


def condition(test: str, **otherwise: str) -> Condition:
    return Condition(test=expr(test), otherwise={n: expr(t) for n, t in otherwise.items()})


def fake_parse(contract: Mapping[str, Any], text: str, cut: bool) -> list[Data]:
    """JSON text to items; `!` marks a reply that says something else."""
    if text.startswith("!"):
        raise ReplyError("no-json", "the reply is no JSON")
    value = json.loads(text)
    return value if isinstance(value, list) else [value]


def _write(rows: Iterable[Data], path: Path, options: Mapping[str, Any]) -> tuple[int, int]:
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), "utf-8", newline="\n")
    return len(lines), sum(len(line) for line in lines)


def _split(data: Data, options: Mapping[str, Any], context: Context) -> list[Data]:
    return [{"part": part} for part in data["text"].split()]


def _cut(data: Data, options: Mapping[str, Any], context: Context) -> list[Data]:
    found = re.finditer(r"\S+", data[options["field"]])
    spots = [{"start": m.start(), "end": m.end(), "page": n} for n, m in enumerate(found, 1)]
    return [{"text": data[options["field"]][s["start"] : s["end"]], "at": s} for s in spots]


def _fussy(data: Data, options: Mapping[str, Any], context: Context) -> Data:
    if options["word"] in data["text"]:
        raise RecordError("fussy", "the word is there")
    return {"fine": True}


def _ident(data: Data, options: Mapping[str, Any], context: Context) -> Data:
    return {options.get("as", "identity"): context.identity.hex()}


def _dice(data: Data, options: Mapping[str, Any], context: Context) -> Data:
    return {options.get("as", "dice"): context.rng("dice").random()}


_FUNCTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "split": (_split, {"cardinality": "1:n"}),
    "chunk": (_split, {"cardinality": "1:n", "identity": "content", "content": ("part",)}),
    "cut": (_cut, {"cardinality": "1:n", "cuts": ("field", "at")}),
    "slow_split": (_split, {"cardinality": "1:n", "costly": True}),
    "long": (lambda data, options, context: len(data["text"]) > 3, {"cardinality": "filter"}),
    "fussy": (_fussy, {}),
    "ident": (_ident, {}),
    "dice": (_dice, {}),
    "slow_dice": (_dice, {"costly": True}),
    "slow_fields": (lambda data, options, context: {"fields": sorted(data)}, {"costly": True}),
}


def _shape(options: Mapping[str, Any], record: Record) -> Shape:
    return Shape(reads=Record.of({"text": ANY}))


LIBRARY = Library(
    {},
    {name: FunctionSignature(name, 1, _shape, **how) for name, (_, how) in _FUNCTIONS.items()},
    {},
    {},
)


def bodies(rows: Mapping[str, Rows]) -> Bodies:
    def read(options: Mapping[str, Any]) -> Iterator[Data | ReadFailure]:
        for row in rows[options["name"]]:
            yield row if isinstance(row, ReadFailure | Placed) else dict(row)

    functions = {name: body for name, (body, _) in _FUNCTIONS.items()}
    return Bodies({"rows": read}, functions, {"jsonl": _write}, EXPRESSIONS, {}, fake_parse)


@dataclass
class FakeCaller:
    """Answers by `reply(text, ask)`: a text, or an Outcome. `delay` seeds random waits."""

    reply: Callable[[str, Ask], Any] = lambda text, ask: json.dumps({"said": text.upper()})
    delay: int | None = None
    stored: bool = False
    vector: Callable[[str], Vector] | None = None
    asked: list[Ask] = field(default_factory=list)
    embedded: list[Embed] = field(default_factory=list)
    far: int = 0
    replied: set[bytes] = field(default_factory=set)  # questions with a stored first reply

    def __post_init__(self) -> None:
        self.rng = random.Random(self.delay)

    def begin(self, ask: Ask) -> Outcome | Later:
        return self._outcome(ask) if self.stored else partial(self.ask, ask)

    def known(self, ask: Ask) -> tuple[bytes, bool]:
        text = ask.messages[-1]["content"]
        key = f"{text}/{ask.sample}/{ask.draw}".encode()
        return key, key in self.replied

    async def ask(self, ask: Ask) -> Outcome:
        self.asked.append(ask)
        if self.delay is not None:
            for _ in range(self.rng.choice((0, 0, 1, 3, 20))):
                await asyncio.sleep(0)
        return self._outcome(ask)

    async def embed(self, ask: Embed) -> Vectors:
        assert self.vector is not None
        self.embedded.append(ask)
        if self.delay is not None:
            for _ in range(self.rng.choice((0, 0, 1, 3, 20))):
                await asyncio.sleep(0)
        return Vectors(tuple(map(self.vector, ask.texts)), 1, 0)

    def prefer_far(self) -> None:
        self.far += 1

    def _outcome(self, ask: Ask) -> Outcome:
        failure = ("none", "never asked")
        for attempt in range(ask.attempts):
            said = self.reply(ask.messages[-1]["content"], replace(ask, attempts=attempt))
            if isinstance(said, Outcome):
                return said
            try:
                return _told(ask, attempt, said, ask.accept(said))
            except ReplyError as error:
                failure = (error.kind, error.message)
        return _told(ask, attempt, said, None, failure)


def _told(ask: Ask, last: int, said: str, value: Any, failure: Any = None) -> Outcome:
    """The outcome of so many attempts; the key of each says what was asked."""
    text = ask.messages[-1]["content"]
    keys = tuple(f"{text}/{ask.sample}/{attempt}".encode() for attempt in range(last + 1))
    return Outcome(value, failure, ask.messages, said, "m", last + 1, keys=keys)


@dataclass
class Ran:
    """What a run left."""

    result: Result
    files: dict[str, list[Data]]
    raw: dict[str, bytes]
    events: list[Any]
    caller: FakeCaller
    trails: dict[str, list[Data]] = field(default_factory=dict)  # sidecars, by the files told of

    def rows(self, name: str = "out") -> list[Data]:
        return self.files[f"{name}.jsonl"]

    def ledger(self, step: str, role: str | None = None) -> Any:
        found = [r for r in self.result.ledger if r.step == step and role in (None, r.role)]
        assert len(found) == 1
        return found[0]

    def failed(self, step: str) -> list[Data]:
        return [row.data for row in self.result.failures.rows(step)]


def go(
    flow: Flow,
    tmp_path: Path,
    caller: FakeCaller | None = None,
    *,
    wait: float = 20,
    listen: Callable[[Any], None] = lambda event: None,
    **more: Any,
) -> Ran:
    """Run a flow to its end; a run that hangs raises TimeoutError."""
    caller = caller or FakeCaller()
    events: list[Any] = []

    def hear(event: Any) -> None:
        events.append(event)
        listen(event)

    staging = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
    given = {"staging": staging, "spool": tmp_path / "spool", "tokens": lambda t: len(t.split())}
    settings = Settings(**{**given, **more})

    async def main() -> Result:
        async with asyncio.timeout(wait):
            return await execute(flow.plan(), LIBRARY, bodies(flow.rows), caller, settings, hear)

    result = asyncio.run(main())
    raw = {f.path: (staging / f.path).read_bytes() for f in result.files}
    files = {p: [json.loads(x) for x in b.decode().splitlines()] for p, b in raw.items()}
    sidecars = {f.path: (staging / f.path).read_bytes() for f in result.sidecars}
    trails = {_told_of(p): [json.loads(x) for x in b.splitlines()] for p, b in sidecars.items()}
    return Ran(result, files, {**raw, **sidecars}, events, caller, trails)


def _told_of(sidecar: str) -> str:
    return sidecar.removeprefix("provenance/").removesuffix(".jsonl")


def texts(*words: str) -> list[Data]:
    return [{"text": word} for word in words]
