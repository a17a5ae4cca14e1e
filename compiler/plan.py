"""The execution plan: what the compiler hands to the runtime. Plain data with a schema of its own.

A node reads edges (streams of records) and writes ports. Every port of a node settles every record
that the node was given: as a record, as a gap, or as a split into children (docs/architecture.md).
Types stand in the notation of specs. Expressions and templates keep their text; `constants` holds
the parameters and bindings that they name, so that a plan depends on nothing outside itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PLAN_VERSION = 1


class Part(BaseModel):
    """Base of all parts of a plan: closed and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Edge(Part):
    """A stream: one port of one node. `spill`: the queue goes to disk instead of blocking."""

    node: str
    port: str = "main"
    spill: bool = False


class Expression(Part):
    """An expression over a record; `constants` are the folded names that it uses."""

    text: str
    constants: dict[str, Any] = {}


class Text(Part):
    """A Jinja template over a record; `constants` are variables besides the record's fields."""

    text: str
    constants: dict[str, Any] = {}


class PromptMessage(Part):
    """One message to render. `role` is system, user or assistant."""

    role: str
    content: Text


class Prompt(Part):
    """A prompt file, expanded: examples are messages already; the contract is JSON or None.

    `instructions` is the reply contract in words; the runtime appends it to the last user message.
    """

    name: str
    messages: list[PromptMessage]
    contract: dict[str, Any] | None = None
    instructions: str = ""
    response_format: dict[str, Any] | None = None
    sampling: dict[str, Any] = {}


class Condition(Part):
    """`if:` of a step: where false, the record passes by with the values of `otherwise`."""

    test: Expression
    otherwise: dict[str, Expression] = {}


class Shape(Part):
    """How reply items become fields.

    flat: each item's fields join the record; field: under `name`; list: all items under `name`.
    """

    kind: Literal["flat", "field", "list"] = "flat"
    name: str = ""


class OnFailure(Part):
    """What a failed reply leads to: so many more attempts, then a port, `else` or the run's end.

    `name` is the field that says why a row took the values of `else`; null in the other rows.
    """

    resample: int = 0
    then: Literal["failed", "rejected", "else", "stop"] = "failed"
    name: str = ""


class SourceOp(Part):
    """Read records. `fields` is the declared type of an open reader; rows that misfit fail.

    `defaults` fills in what a row leaves out: field -> {value} or, inside one, {inside} (of a
    record) or {each} (of a list of records), which hold the same again.
    """

    op: Literal["source"] = "source"
    reader: str
    version: int
    options: dict[str, Any] = {}
    fields: Any = None
    defaults: dict[str, Any] = {}
    extra: Literal["drop", "keep"] = "drop"
    content: list[str] | None = None  # fields that make the identity; None: all


class Variant(Part):
    """One of several prompts of a step; the name of a lone prompt is empty."""

    name: str = ""
    prompt: Prompt


class Choose(Part):
    """Which variants a record gets: all, the one an expression names, or a seeded draw of n."""

    kind: Literal["all", "by", "draw"] = "all"
    by: Expression | None = None
    n: Expression | None = None
    replace: bool = False
    weights: dict[str, float] = {}


class PromptOp(Part):
    """Render messages, call a model, parse by the contract (without one: the text under `shape`).

    `expand`: the op is 1:n, so children get ordinals of their own even when there is one.
    """

    op: Literal["prompt"] = "prompt"
    model: str
    variants: list[Variant]
    choose: Choose = Choose()
    variant_field: str = ""
    samples: int = 1
    shape: Shape = Shape()
    expand: bool = False
    on_failure: OnFailure = OnFailure()
    condition: Condition | None = None


class ParseOp(Part):
    """Turn a text field into typed fields."""

    op: Literal["parse"] = "parse"
    field: str
    contract: dict[str, Any]
    shape: Shape = Shape()
    expand: bool = False
    on_failure: OnFailure = OnFailure()
    condition: Condition | None = None


class PassRule(Part):
    """When a vote passes. A tie fails under `majority`; `share` counts valid ballots."""

    kind: Literal["all", "any", "majority", "at_least", "share"] = "majority"
    value: float = 0


class VoteOp(Part):
    """Ask a judge in deterministic waves; adds `name`: {passed, share, ballots}."""

    op: Literal["vote"] = "vote"
    model: str
    prompt: Prompt
    votes: int = 1
    rule: PassRule = PassRule()
    invalid: Literal["fail", "ignore", "resample"] = "resample"
    resample: int = 2
    name: str
    condition: Condition | None = None


class Action(Part):
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


class MapOp(Part):
    """Verbs in order. Each has its own row in the ledger: `step`, or `step.1`, `step.2`, …"""

    op: Literal["map"] = "map"
    actions: list[Action]
    condition: Condition | None = None


class CombineOp(Part):
    """An operator over whole streams; roles are the keys of the node's inputs."""

    op: Literal["combine"] = "combine"
    operator: str
    options: dict[str, Any] = {}
    expressions: dict[str, Expression] = {}
    model: str = ""  # whose vectors the operator compares; empty: it asks no model
    sides: dict[str, str] = {}  # name in expressions -> role that carries one record


class ExportOp(Part):
    """Write a file. `partition`: one file per value of an enum field, `{field}` in the path."""

    op: Literal["export"] = "export"
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


Op = Annotated[
    SourceOp | PromptOp | ParseOp | VoteOp | MapOp | CombineOp | ExportOp,
    Field(discriminator="op"),
]


def asked_model(op: Op) -> str:
    """Return the plan's name of the model that an operator asks; empty where it asks none."""
    return op.model if isinstance(op, PromptOp | VoteOp | CombineOp) else ""


class Gate(Part):
    """`max_failures`: how many records may fail, or which share of them."""

    records: int | None = None
    share: float | None = None


class Place(Part):
    """Where in a spec a node was written."""

    path: str
    line: int
    col: int


class Node(Part):
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


class Hedge(Part):
    """When a call gets a second request: `after` seconds, or `p90`: longer than 90 % take.

    `extra`: at most so many, as a share of the calls made.
    """

    after: float | str = "p90"
    extra: float = 0.05


class Endpoint(Part):
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


class Model(Part):
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


class Budget(Part):
    """Caps of one invocation, as the spec has them; None: no cap."""

    max_usd: float | None = None
    max_calls: int | None = None
    max_tokens: int | None = None  # of prompts and replies together


class ParamValue(Part):
    """A resolved parameter and where its value came from."""

    value: Any
    origin: str


class Plan(Part):
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
    """Return the plan as JSON text, byte-identical for equal plans."""
    import json

    data = plan.model_dump(mode="json", exclude_defaults=True)
    data = {"atkc_plan": PLAN_VERSION, **data}
    for shown, node in zip(data["nodes"], plan.nodes, strict=True):
        shown["op"] = {"op": node.op.op, **shown["op"]}  # the discriminator is a default
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def from_json(text: str) -> Plan:
    """Return the plan in a JSON text; raises pydantic.ValidationError where it is none."""
    return Plan.model_validate_json(text)
