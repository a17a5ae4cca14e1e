"""What a spec, a step and a prompt file hold, once `${…}` is filled in: strict structures.

The JSON Schemas in `schema/` are generated from these (see `schema_build`), with every scalar
widened to "or a `${…}`". Expression slots stay text; `EXPRESSIONS` lists where they are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec import field as key

Name = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Number = int | float
Money = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
Share = Annotated[int, Meta(ge=0, le=1)] | Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]
Permutations = Annotated[int, Meta(ge=1, le=4096)]
Likeness = Annotated[int, Meta(gt=0, le=1)] | Annotated[float, Meta(gt=0, le=1)]
# a number of records, a share of them, or a percentage
MaxFailures = Count | Annotated[float, Meta(ge=0)] | str | None
Code = str | bool | int | float | None  # an expression
Type = str | list[Any] | dict[str, Any]
Ref = str | list[str]
Refs = str | list[str] | dict[str, Ref]


class Closed(Struct, frozen=True, forbid_unknown_fields=True):
    """Base: unknown keys are errors. A field called like a word of Python has a `_` at its end."""


class Param(Closed, frozen=True, kw_only=True):
    """A typed input of a spec; `forward` takes type and default from a parameter of a module."""

    type: Type | None = None
    default: Any = None
    description: str = ""
    group: str = ""
    minimum: Number | None = None
    maximum: Number | None = None
    exclusiveMaximum: Number | None = None  # noqa: N815  # JSON Schema's word
    variables: dict[str, Type] | None = None
    forward: str | None = None


class Hedge(Closed, frozen=True, kw_only=True):
    """A second request for a call that takes long: after so many seconds, or longer than most."""

    after: Annotated[str, Meta(pattern=r"^p[1-9][0-9]?$")] | Seconds = "p90"
    extra: Share = 0.05


class Endpoint(Closed, frozen=True, kw_only=True):
    """Where models answer, and the limits that all models there share."""

    api_base: str = ""
    api_key_env: str | None = None
    concurrency: Positive | None = None
    rpm: Positive | None = None
    tpm: Positive | None = None
    timeout: Number | None = None
    retries: Count | None = None
    hedge: Hedge | None = None
    batch: bool | None = None
    batch_price: Number | None = None


class Model(Closed, frozen=True, kw_only=True):
    """A model, or (with `default`) a slot of a module that the caller fills."""

    model: str | None = None
    default: str | None = None
    endpoint: str | None = None
    sampling: dict[str, Any] = {}
    revision: str | None = None
    structured: Literal["off", "json", "schema"] = "off"
    mode: Literal["chat", "completion"] = "chat"
    fallback: list[str] = []
    price_in: Number | None = None
    price_out: Number | None = None
    max_requests: Positive = 30


class Budget(Closed, frozen=True, kw_only=True):
    """Caps of each run of the spec; null is none."""

    max_usd: Money | None = None
    max_calls: Count | None = None
    max_tokens: Count | None = None


class Reading(Closed, frozen=True, kw_only=True):
    """A reader and its options."""

    read: str
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    extra: Literal["drop", "keep"] = "drop"


class ExportAs(Closed, frozen=True, kw_only=True):
    """How an output of a module is written when the module runs alone."""

    format: str
    path: str
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    empty: Literal["write", "skip", "error"] = "write"


class Input(Closed, frozen=True, kw_only=True):
    """A typed input; `default` says what it reads when the spec runs alone.

    An `optional` one may be left out by who uses the spec: then nothing comes in.
    """

    type: Type
    default: Reading | str | None = None
    optional: bool = False


class Output(Closed, frozen=True, kw_only=True):
    """A typed output of a module."""

    from_: Ref = key(name="from")
    type: Type | None = None
    main: bool = False
    export: ExportAs | None = None
    description: str = ""


class Step(Closed, frozen=True, kw_only=True):
    """What every step may say."""

    type: str
    description: str = ""
    when: bool | None = None
    for_each: dict[Name, list[Any]] | None = None
    label: dict[Name, Code] | None = None


class Source(Step, frozen=True, kw_only=True):
    """`source`: read records."""

    read: str
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    max_failures: MaxFailures = None
    fields: Type | None = None
    extra: Literal["drop", "keep"] = "drop"
    else_: Literal["empty"] | None = key(default=None, name="else")


class OnFailure(Closed, frozen=True, kw_only=True):
    """What a failed reply leads to."""

    resample: Count = 0
    then: Literal["failed", "rejected", "else", "stop"] = "failed"
    as_: Name | None = key(default=None, name="as")


class ChooseBy(Closed, frozen=True, kw_only=True):
    """One variant, named by an expression; or a seeded draw of `draw` of them."""

    by: Code = None
    draw: Code = None
    replace: bool = False
    weights: dict[str, Number] = {}


class Each(Closed, frozen=True, kw_only=True):
    """Bounds of the number of items in a reply."""

    min: Count = 1
    max: Positive | None = None


class Prompting(Step, frozen=True, kw_only=True):
    """What `prompt` and `vote-filter` share."""

    from_: Ref = key(name="from")
    model: str
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    as_: Name | None = key(default=None, name="as")
    if_: Code = key(default=None, name="if")
    sampling: dict[str, Any] = {}
    max_failures: MaxFailures = None


class Prompt(Prompting, frozen=True, kw_only=True):
    """`prompt`: render messages, call a model, parse by the prompt file's contract."""

    prompt: str | None = None
    variants: dict[Name, str] | None = None
    choose: Literal["all"] | ChooseBy = "all"
    variant_as: Name = "variant"
    samples: Positive = 1
    each: Literal["none"] | Each | None = None
    replace: list[Name] = []
    on_failure: OnFailure = OnFailure()
    draw: int | str = 0
    else_: Literal["bypass", "empty"] | dict[Name, Code] = key(default="bypass", name="else")


class Parse(Step, frozen=True, kw_only=True):
    """`parse`: turn a text field into typed fields."""

    from_: Ref = key(name="from")
    max_failures: MaxFailures = None
    field: Name = "reply"
    reply: dict[str, Any]
    as_: Name | None = key(default=None, name="as")
    each: Literal["none"] | None = None
    if_: Code = key(default=None, name="if")
    replace: list[Name] = []
    on_failure: OnFailure = OnFailure()
    else_: Literal["bypass", "empty"] | dict[Name, Code] = key(default="bypass", name="else")


class Quorum(Closed, frozen=True, kw_only=True):
    """Pass with so many ballots, or with such a share of the valid ones."""

    at_least: Positive | None = None
    share: Share | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.share is None):
            raise ValueError("it has either `at_least` or `share`")


class VoteFilter(Prompting, frozen=True, kw_only=True):
    """`vote-filter`: ask a judge, keep what passes."""

    prompt: str
    votes: Positive = 1
    pass_: Literal["all", "any", "majority"] | Quorum = key(default="majority", name="pass")
    # a ballot that cannot be read; but for `fail`, a record without any readable one fails
    invalid: Literal["fail", "ignore", "resample"] = "resample"
    resample: Count = 2
    as_: Name = key(name="as")
    else_: Literal["bypass", "empty"] | dict[Name, Code] = key(default="bypass", name="else")


class Unnest(Closed, frozen=True, kw_only=True):
    """A list field becomes one record per element."""

    field: Name
    as_: Name | None = key(default=None, name="as")
    index: Name | None = None
    keep: list[Name] = []


class Verbs(Closed, frozen=True, kw_only=True):
    """The verbs of a map, in the order in which they act."""

    where: Code = None
    unnest: Unnest | None = None
    set: dict[Name, Code] | None = None
    add: dict[Name, Any] | None = None
    apply: str | None = None
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    render: dict[Name, str] | None = None
    rename: dict[Name, Name] | None = None
    drop: list[Name] | None = None
    keep: list[Name] | None = None
    replace: list[Name] = []


class Map(Verbs, frozen=True, kw_only=True):
    """`map`: verbs in a fixed order, one function (`apply`), or a list of either (`do`)."""

    type: str  # as in Step; a structure has one base
    description: str = ""
    when: bool | None = None
    for_each: dict[Name, list[Any]] | None = None
    label: dict[Name, Code] | None = None
    from_: Ref = key(name="from")
    max_failures: MaxFailures = None
    do: list[Verbs] | None = None
    cases: dict[Name, Code] | None = None
    if_: Code = key(default=None, name="if")
    else_: Literal["bypass", "empty"] | dict[Name, Code] = key(default="bypass", name="else")


class Uniform(Closed, frozen=True, kw_only=True):
    """A seeded draw between two bounds for each group."""

    uniform: Annotated[list[int], Meta(min_length=2, max_length=2)]


class By(Closed, frozen=True, kw_only=True):
    """What to go by, if no expression over a record.

    origin: group by the record of that step from which the members descend; hashed: split by the
    hash of an expression, so that equal values stay together.
    """

    origin: str | None = None
    hashed: Code = None

    def __post_init__(self) -> None:
        if (self.origin is None) == (self.hashed is None):
            raise ValueError("it has either `origin` or `hashed`")


class Taken(Closed, frozen=True, kw_only=True):
    """Take records until their weights reach a budget, or a share of them."""

    tokens: Code = None
    weigh: Code = None
    share: Share | None = None

    def __post_init__(self) -> None:
        weighed = [part is not None for part in (self.tokens, self.weigh)]
        if weighed != [self.share is None] * 2:
            raise ValueError("it has either `tokens` and `weigh`, or `share`")


class SameField(Closed, frozen=True, kw_only=True):
    """Keep away from each other, besides a record and itself, records with one value of a field."""

    field: Name


class Combine(Step, frozen=True, kw_only=True):
    """`combine`: an operator over whole streams."""

    op: str
    from_: Refs = key(name="from")
    sides: dict[Name, str] = {}
    max_failures: MaxFailures = None
    by: Code | list[Code] | By = None
    descending: list[bool] | bool = False
    collect: dict[Name, Code] | None = None
    keep: list[Name] | Literal["first"] | None = None
    incomplete: Literal["keep", "reject", "fail"] = "keep"
    size: Positive | None = None
    weight: Code = None
    target: Positive | Uniform | None = None
    order: Literal["hashed", "canonical"] = "canonical"
    within: Name | list[Name] | None = None
    as_: Name | None = key(default=None, name="as")
    field: Name | None = None
    against_field: Name | None = None
    near: Likeness | None = None
    shingle: Positive = 3
    permutations: Permutations = 128
    words: Positive = 13
    top: Positive | None = None
    scorer: Literal["bm25", "embeddings", "random"] = "bm25"
    model: str | None = None
    exclude: Literal["same_identity", "none"] | SameField = "same_identity"
    budget: dict[str, Positive] | None = None
    take: dict[Name, Name] | None = None
    missing: Literal["reject", "null", "fail"] = "reject"
    normalise: Literal["none", "whitespace", "casefold"] = "none"
    first: Count | None = None
    hashed: Count | Taken | None = None
    accept: Positive | None = None
    max_candidates: Positive | None = None
    ahead: Positive = 256
    strata: dict[str, Share] | list[str] | None = None
    fill: bool = False
    shortage: Literal["none", "warn", "error"] = "warn"
    into: dict[Name, Share] | None = None
    of: dict[Name, str] | None = None
    before: Count = 0
    after: Count = 0
    else_: Literal["bypass", "empty"] = key(default="bypass", name="else")


class Export(Step, frozen=True, kw_only=True):
    """`export`: write a file."""

    from_: Ref = key(name="from")
    max_failures: MaxFailures = None
    format: str
    path: str
    with_: dict[str, Any] = key(default_factory=dict, name="with")
    partition: Name | None = None
    empty: Literal["write", "skip", "error"] = "write"
    else_: Literal["empty"] | None = key(default=None, name="else")


class Use(Step, frozen=True, kw_only=True):
    """`use`: another spec as a typed step."""

    use: str
    from_: Refs | None = key(default=None, name="from")
    params: dict[Name, Any] = {}
    models: dict[Name, str] = {}
    carry: list[Name] = []
    draw: int | str = 0
    else_: Literal["bypass", "empty"] = key(default="bypass", name="else")


STEP_TYPES: dict[str, type[Closed]] = {
    "source": Source,
    "prompt": Prompt,
    "parse": Parse,
    "vote-filter": VoteFilter,
    "map": Map,
    "combine": Combine,
    "export": Export,
    "use": Use,
}

# Keys whose values are expressions over records, never `${…}`: a key alone, or a path of keys in
# which `*` stands for any key. `do` lines and `hashed` mappings are looked into.
EXPRESSIONS: tuple[tuple[str, ...], ...] = (
    ("where",),
    ("if",),
    ("set", "*"),
    ("cases", "*"),
    ("label", "*"),
    ("else", "*"),
    ("weight",),
    ("collect", "*"),
    ("of", "*"),
    ("choose", "by"),
    ("choose", "draw"),
    ("by", "hashed"),
    ("hashed", "tokens"),
    ("hashed", "weigh"),
    ("do", "*", "where"),
    ("do", "*", "set", "*"),
)
# Jinja templates, checked as such and never interpolated.
TEMPLATES: tuple[tuple[str, ...], ...] = (("render", "*"), ("do", "*", "render", "*"))


class Message(Closed, frozen=True, kw_only=True):
    """One message of a prompt; the content is a Jinja template."""

    role: Literal["system", "user", "assistant"]
    content: str


class Example(Closed, frozen=True, kw_only=True):
    """A few-shot turn: what a user says and what the model should answer, as plain text."""

    user: str
    assistant: str
    when: str | bool = True  # of the file's params: false leaves it out


class PromptFile(Closed, frozen=True, kw_only=True):
    """A prompt file."""

    atkc: Literal[1] | None = None
    description: str = ""
    imports: dict[str, str] = key(default_factory=dict, name="import")
    params: dict[Name, Any] = {}
    fields: dict[Name, Any] | None = None
    messages: Annotated[list[Message], Meta(min_length=1)]
    examples: list[Example] = []
    sampling: dict[str, Any] = {}
    reply: dict[str, Any] | None = None


class Spec(Closed, frozen=True, kw_only=True):
    """A whole spec; `steps` hold raw mappings here, each is validated as its own type."""

    atkc: Literal[1]
    name: str
    description: str = ""
    seed: int = 0
    tokenizer: Literal["cl100k", "o200k", "p50k", "chars4"] = "cl100k"
    output: str | None = None
    max_failures: MaxFailures = None
    budget: Budget = Budget()
    imports: dict[str, str] = key(default_factory=dict, name="import")
    params: dict[Name, Param] = {}
    endpoints: dict[Name, Endpoint] = {}
    models: dict[Name, Model] = {}
    records: dict[Annotated[str, Meta(pattern="^[A-Z]")], dict[str, Any]] = {}
    inputs: dict[Name, Input] = {}
    outputs: dict[Name, Output] = {}
    steps: dict[Name, dict[str, Any]] = {}
