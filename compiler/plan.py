"""The execution plan: what the compiler hands to the runtime. Plain data with a schema of its own.

A node reads edges (streams of records) and writes ports. Every port of a node settles every record
that the node was given: as a record, as a gap, or as a split into children (docs/architecture.md).
Types stand in the notation of specs. Expressions and templates keep their text; `constants` holds
the parameters and bindings that they name, so that a plan depends on nothing outside itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Literal

import msgspec

PLAN_VERSION = 1


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all parts of a plan: closed and frozen. Made without checks, checked when read."""


class Operator(Part, frozen=True, tag_field="op"):
    """Base of what a node does; its kind is written as `op`."""

    op: ClassVar[str]


class Edge(Part, frozen=True):
    """A stream: one port of one node. `spill`: the queue goes to disk instead of blocking."""

    node: str
    port: str = "main"
    spill: bool = False


class Expression(Part, frozen=True):
    """An expression over a record; `constants` are the folded names that it uses."""

    text: str
    constants: dict[str, Any] = {}


class Text(Part, frozen=True):
    """A Jinja template over a record; `constants` are variables besides the record's fields."""

    text: str
    constants: dict[str, Any] = {}


class PromptMessage(Part, frozen=True):
    """One message to render. `role` is system, user or assistant."""

    role: str
    content: Text


class Prompt(Part, frozen=True):
    """A prompt file, expanded: examples are messages already; the contract is JSON or None.

    `instructions` is the reply contract in words; the runtime appends it to the last user message.
    """

    name: str
    messages: list[PromptMessage]
    contract: dict[str, Any] | None = None
    instructions: str = ""
    response_format: dict[str, Any] | None = None
    sampling: dict[str, Any] = {}


class Condition(Part, frozen=True):
    """`if:` of a step: where false, the record passes by with the values of `otherwise`."""

    test: Expression
    otherwise: dict[str, Expression] = {}


class Shape(Part, frozen=True):
    """How reply items become fields.

    flat: each item's fields join the record; field: under `name`; list: all items under `name`.
    """

    kind: Literal["flat", "field", "list"] = "flat"
    name: str = ""


class OnFailure(Part, frozen=True):
    """What a failed reply leads to: so many more attempts, then a port, `else` or the run's end.

    `name` is the field that says why a row took the values of `else`; null in the other rows.
    """

    resample: int = 0
    then: Literal["failed", "rejected", "else", "stop"] = "failed"
    name: str = ""


class SourceOp(Operator, frozen=True, tag="source"):
    """Read records. `fields` is the declared type of an open reader; rows that misfit fail.

    `defaults` fills in what a row leaves out: field -> {value} or, inside one, {inside} (of a
    record) or {each} (of a list of records), which hold the same again.
    """

    op: ClassVar[str] = "source"
    reader: str
    version: int
    options: dict[str, Any] = {}
    fields: Any = None
    defaults: dict[str, Any] = {}
    extra: Literal["drop", "keep"] = "drop"
    content: list[str] | None = None  # fields that make the identity; None: all


class Variant(Part, frozen=True, kw_only=True):
    """One of several prompts of a step; the name of a lone prompt is empty."""

    name: str = ""
    prompt: Prompt


class Choose(Part, frozen=True):
    """Which variants a record gets: all, the one an expression names, or a seeded draw of n."""

    kind: Literal["all", "by", "draw"] = "all"
    by: Expression | None = None
    n: Expression | None = None
    replace: bool = False
    weights: dict[str, float] = {}


class PromptOp(Operator, frozen=True, tag="prompt"):
    """Render messages, call a model, parse by the contract (without one: the text under `shape`).

    `expand`: the op is 1:n, so children get ordinals of their own even when there is one.
    """

    op: ClassVar[str] = "prompt"
    model: str
    variants: list[Variant]
    choose: Choose = Choose()
    variant_field: str = ""
    samples: int = 1
    shape: Shape = Shape()
    expand: bool = False
    on_failure: OnFailure = OnFailure()
    condition: Condition | None = None


class ParseOp(Operator, frozen=True, tag="parse"):
    """Turn a text field into typed fields."""

    op: ClassVar[str] = "parse"
    field: str
    contract: dict[str, Any]
    shape: Shape = Shape()
    expand: bool = False
    on_failure: OnFailure = OnFailure()
    condition: Condition | None = None


class PassRule(Part, frozen=True):
    """When a vote passes. A tie fails under `majority`; `share` counts valid ballots."""

    kind: Literal["all", "any", "majority", "at_least", "share"] = "majority"
    value: float = 0


class VoteOp(Operator, frozen=True, tag="vote", kw_only=True):
    """Ask a judge in deterministic waves; adds `name`: {passed, share, ballots}."""

    op: ClassVar[str] = "vote"
    model: str
    prompt: Prompt
    votes: int = 1
    rule: PassRule = PassRule()
    invalid: Literal["fail", "ignore", "resample"] = "resample"
    resample: int = 2
    name: str
    condition: Condition | None = None


class Action(Part, frozen=True):
    """One verb of a map. Exactly the fields of its verb are set.

    where: expression · unnest: field, name, index, keep · set: values (expressions, all of which
    see the input) · render: texts · rename: names (old -> new) · drop/keep: fields · apply:
    function, version, options · cases: values (port -> expression, the last one `true`).
    """

    verb: Literal["where", "unnest", "set", "render", "rename", "drop", "keep", "apply", "cases"]
    test: Expression | None = None
    field: str = ""
    name: str = ""
    index: str = ""
    keep: list[str] = []
    values: dict[str, Expression] = {}
    texts: dict[str, Text] = {}
    names: dict[str, str] = {}
    fields: list[str] = []
    function: str = ""
    version: int = 0
    options: dict[str, Any] = {}


class MapOp(Operator, frozen=True, tag="map"):
    """Verbs in order. Each has its own row in the ledger: `step`, or `step.1`, `step.2`, …"""

    op: ClassVar[str] = "map"
    actions: list[Action]
    condition: Condition | None = None


class CombineOp(Operator, frozen=True, tag="combine"):
    """An operator over whole streams; roles are the keys of the node's inputs."""

    op: ClassVar[str] = "combine"
    operator: str
    options: dict[str, Any] = {}
    expressions: dict[str, Expression] = {}
    model: str = ""  # whose vectors the operator compares; empty: it asks no model
    sides: dict[str, str] = {}  # name in expressions -> role that carries one record


class ExportOp(Operator, frozen=True, tag="export"):
    """Write a file. `partition`: one file per value of an enum field, `{field}` in the path."""

    op: ClassVar[str] = "export"
    format: str
    version: int
    path: str
    options: dict[str, Any] = {}
    partition: str = ""
    values: list[str] = []
    empty: Literal["write", "skip", "error"] = "write"
    reads_files: bool = False
    role: str = "data"
    columns: list[str] = []  # of the file, where they are known


Op = SourceOp | PromptOp | ParseOp | VoteOp | MapOp | CombineOp | ExportOp


def asked_model(op: Op) -> str:
    """Return the plan's name of the model that an operator asks; empty where it asks none."""
    return op.model if isinstance(op, PromptOp | VoteOp | CombineOp) else ""


class Gate(Part, frozen=True):
    """`max_failures`: how many records may fail, or which share of them."""

    records: int | None = None
    share: float | None = None


class Place(Part, frozen=True):
    """Where in a spec a node was written."""

    path: str
    line: int
    col: int


class Node(Part, frozen=True, kw_only=True):
    """One operator of the plan.

    `branch` is set where a stream enters a `for_each` instance or a new 1:n branch: it is mixed
    into identities, so that siblings never share a draw. `draw` keeps repeats of calls apart.
    """

    id: str
    type: str  # the step type that a user wrote
    op: Op
    inputs: dict[str, list[Edge]] = {}
    ports: dict[str, Any] = {}  # port -> type, in notation
    reads: list[str] = []
    cardinality: Literal["0:n", "1:1", "1:n", "n:1", "filter", "n:n", "n:0"]
    order: Literal["streaming", "ordered", "barrier"] = "streaming"
    stage: int = 0
    branch: str = ""
    draw: str = ""
    handled: bool = False  # somebody reads its `failed` port
    max_failures: Gate | None = None
    place: Place | None = None


class Hedge(Part, frozen=True):
    """When a call gets a second request: `after` seconds, or `p90`: longer than 90 % take.

    `extra`: at most so many, as a share of the calls made.
    """

    after: float | str = "p90"
    extra: float = 0.05


class Endpoint(Part, frozen=True):
    """Where models answer. `api_key_env` names a variable; the key itself is never here."""

    api_base: str = ""
    api_key_env: str | None = None
    concurrency: int | None = None
    rpm: int | None = None
    tpm: int | None = None
    timeout: float | None = None  # seconds; None: by the tokens of a call
    retries: int | None = None
    hedge: Hedge | None = None
    batch: bool | None = None
    batch_price: float | None = None


class Model(Part, frozen=True):
    """A model under the name that steps use."""

    model: str
    endpoint: Endpoint = Endpoint()
    sampling: dict[str, Any] = {}
    revision: str | None = None
    structured: Literal["off", "json", "schema"] = "off"
    mode: Literal["chat", "completion"] = "chat"
    fallback: list[str] = []
    price_in: float | None = None  # money per million tokens; None: from the price table
    price_out: float | None = None
    max_requests: int = 30


class Budget(Part, frozen=True):
    """Caps of one invocation, as the spec has them; None: no cap."""

    max_usd: float | None = None
    max_calls: int | None = None
    max_tokens: int | None = None  # of prompts and replies together


class ParamValue(Part, frozen=True):
    """A resolved parameter and where its value came from."""

    value: Any
    origin: str


class Plan(Part, frozen=True, kw_only=True):
    """A whole plan; nodes stand in topological order."""

    atkc_plan: Literal[1] = 1
    name: str
    description: str = ""
    seed: int = 0
    tokenizer: str = "cl100k"
    output: str = ""  # the folder of the outputs; by default one named like the spec
    max_failures: Gate | None = None
    budget: Budget = Budget()
    params: dict[str, ParamValue] = {}
    models: dict[str, Model] = {}
    nodes: list[Node]


def to_json(plan: Plan) -> str:
    """Return the plan as JSON text, byte-identical for equal plans; defaults are left out."""
    import json

    data = {"atkc_plan": PLAN_VERSION, **written(plan)}
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def written(part: Any) -> Any:
    """Return a part of a plan as plain data, without what stands at its default."""
    if isinstance(part, dict):
        return {key: written(value) for key, value in part.items()}
    if isinstance(part, list):
        return [written(item) for item in part]
    if not isinstance(part, Part):
        return part
    kind = {"op": part.op} if isinstance(part, Operator) else {}
    return kind | {
        name: written(value)
        for name, default in _defaults(type(part)).items()
        if (value := getattr(part, name)) != default
    }


@cache
def _defaults(kind: type[Part]) -> dict[str, Any]:
    """Return what each field is where nothing is said; fields that must be said have NODEFAULT."""
    return {
        f.name: f.default if f.default_factory is msgspec.NODEFAULT else f.default_factory()
        for f in msgspec.structs.fields(kind)
    }


def encoded(part: Part) -> bytes:
    """Return a part of a plan with all defaults, the same bytes for equal ones: to be hashed."""
    return msgspec.json.encode(part, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """Return a text as such that is more than one: a path says whether it is resolved."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no plain data")


def from_json(text: str) -> Plan:
    """Return the plan in a JSON text; raises msgspec.ValidationError where it is none."""
    return msgspec.json.decode(text, type=Plan)
