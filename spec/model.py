"""What a spec, a step and a prompt file hold, once `${…}` is filled in: strict pydantic models.

The JSON Schemas in `schema/` are generated from these (see `schema_build`), with every scalar
widened to "or a `${…}`". Expression slots stay text; `EXPRESSIONS` lists where they are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Name = Annotated[StrictStr, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]
Count = Annotated[StrictInt, Field(ge=0)]
Positive = Annotated[StrictInt, Field(ge=1)]
Number = StrictInt | StrictFloat
Money = Annotated[StrictInt, Field(ge=0)] | Annotated[StrictFloat, Field(ge=0)]
Share = Annotated[StrictInt, Field(ge=0, le=1)] | Annotated[StrictFloat, Field(ge=0, le=1)]
Seconds = Annotated[StrictInt, Field(gt=0)] | Annotated[StrictFloat, Field(gt=0)]
Permutations = Annotated[StrictInt, Field(ge=1, le=4096)]
Likeness = Annotated[StrictInt, Field(gt=0, le=1)] | Annotated[StrictFloat, Field(gt=0, le=1)]
# a number of records, a share of them, or a percentage
MaxFailures = Count | Annotated[StrictFloat, Field(ge=0)] | StrictStr | None
Code = StrictStr | StrictBool | StrictInt | StrictFloat | None  # an expression
Type = StrictStr | list[Any] | dict[StrictStr, Any]
Ref = StrictStr | list[StrictStr]
Refs = StrictStr | list[StrictStr] | dict[StrictStr, Ref]


class Closed(BaseModel):
    """Base: unknown keys are errors; fields named like keywords are written with their alias."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Param(Closed):
    """A typed input of a spec; `forward` takes type and default from a parameter of a module."""

    type: Type | None = None
    default: Any = None
    description: StrictStr = ""
    group: StrictStr = ""
    minimum: Number | None = None
    maximum: Number | None = None
    exclusiveMaximum: Number | None = None  # noqa: N815  # JSON Schema's word
    variables: dict[StrictStr, Type] | None = None
    forward: StrictStr | None = None


class Hedge(Closed):
    """A second request for a call that takes long: after so many seconds, or longer than most."""

    after: Annotated[StrictStr, Field(pattern=r"^p[1-9][0-9]?$")] | Seconds = "p90"
    extra: Share = 0.05


class Endpoint(Closed):
    """Where models answer, and the limits that all models there share."""

    api_base: StrictStr = ""
    api_key_env: StrictStr | None = None
    concurrency: Positive | None = None
    rpm: Positive | None = None
    tpm: Positive | None = None
    timeout: Number | None = None
    retries: Count | None = None
    hedge: Hedge | None = None
    batch: StrictBool | None = None
    batch_price: Number | None = None


class Model(Closed):
    """A model, or (with `default`) a slot of a module that the caller fills."""

    model: StrictStr | None = None
    default: StrictStr | None = None
    endpoint: StrictStr | None = None
    sampling: dict[StrictStr, Any] = {}
    revision: StrictStr | None = None
    structured: Literal["off", "json", "schema"] = "off"
    mode: Literal["chat", "completion"] = "chat"
    fallback: list[StrictStr] = []
    price_in: Number | None = None
    price_out: Number | None = None
    max_requests: Positive = 30


class Budget(Closed):
    """Caps of each run of the spec; null is none."""

    max_usd: Money | None = None
    max_calls: Count | None = None
    max_tokens: Count | None = None


class Reading(Closed):
    """A reader and its options."""

    read: StrictStr
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    extra: Literal["drop", "keep"] = "drop"


class ExportAs(Closed):
    """How an output of a module is written when the module runs alone."""

    format: StrictStr
    path: StrictStr
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    empty: Literal["write", "skip", "error"] = "write"


class Input(Closed):
    """A typed input; `default` says what it reads when the spec runs alone.

    An `optional` one may be left out by who uses the spec: then nothing comes in.
    """

    type: Type
    default: Reading | StrictStr | None = None
    optional: StrictBool = False


class Output(Closed):
    """A typed output of a module."""

    from_: Ref = Field(alias="from")
    type: Type | None = None
    main: StrictBool = False
    export: ExportAs | None = None
    description: StrictStr = ""


class Step(Closed):
    """What every step may say."""

    type: StrictStr
    description: StrictStr = ""
    when: StrictBool | None = None
    for_each: dict[Name, list[Any]] | None = None
    label: dict[Name, Code] | None = None


class Source(Step):
    """`source`: read records."""

    read: StrictStr
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    max_failures: MaxFailures = None
    fields: Type | None = None
    extra: Literal["drop", "keep"] = "drop"
    else_: Literal["empty"] | None = Field(None, alias="else")


class OnFailure(Closed):
    """What a failed reply leads to."""

    resample: Count = 0
    then: Literal["failed", "rejected", "else", "stop"] = "failed"
    as_: Name | None = Field(default=None, alias="as")


class ChooseBy(Closed):
    """One variant, named by an expression; or a seeded draw of `draw` of them."""

    by: Code = None
    draw: Code = None
    replace: StrictBool = False
    weights: dict[StrictStr, Number] = {}


class Each(Closed):
    """Bounds of the number of items in a reply."""

    min: Count = 1
    max: Positive | None = None


class Prompting(Step):
    """What `prompt` and `vote-filter` share."""

    from_: Ref = Field(alias="from")
    model: StrictStr
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    as_: Name | None = Field(None, alias="as")
    if_: Code = Field(None, alias="if")
    sampling: dict[StrictStr, Any] = {}
    max_failures: MaxFailures = None


class Prompt(Prompting):
    """`prompt`: render messages, call a model, parse by the prompt file's contract."""

    prompt: StrictStr | None = None
    variants: dict[Name, StrictStr] | None = None
    choose: Literal["all"] | ChooseBy = "all"
    variant_as: Name = "variant"
    samples: Positive = 1
    each: Literal["none"] | Each | None = None
    replace: list[Name] = []
    on_failure: OnFailure = OnFailure()
    draw: StrictInt | StrictStr = 0
    else_: Literal["bypass", "empty"] | dict[Name, Code] = Field("bypass", alias="else")


class Parse(Step):
    """`parse`: turn a text field into typed fields."""

    from_: Ref = Field(alias="from")
    max_failures: MaxFailures = None
    field: Name = "reply"
    reply: dict[StrictStr, Any]
    as_: Name | None = Field(None, alias="as")
    each: Literal["none"] | None = None
    if_: Code = Field(None, alias="if")
    replace: list[Name] = []
    on_failure: OnFailure = OnFailure()
    else_: Literal["bypass", "empty"] | dict[Name, Code] = Field("bypass", alias="else")


class AtLeast(Closed):
    """Pass with so many ballots."""

    at_least: Positive


class ShareOf(Closed):
    """Pass with such a share of the valid ballots."""

    share: Share


class VoteFilter(Prompting):
    """`vote-filter`: ask a judge, keep what passes."""

    prompt: StrictStr
    votes: Positive = 1
    pass_: Literal["all", "any", "majority"] | AtLeast | ShareOf = Field("majority", alias="pass")
    # a ballot that cannot be read; but for `fail`, a record without any readable one fails
    invalid: Literal["fail", "ignore", "resample"] = "resample"
    resample: Count = 2
    as_: Name = Field(alias="as")
    else_: Literal["bypass", "empty"] | dict[Name, Code] = Field("bypass", alias="else")


class Unnest(Closed):
    """A list field becomes one record per element."""

    field: Name
    as_: Name | None = Field(None, alias="as")
    index: Name | None = None
    keep: list[Name] = []


class Verbs(Closed):
    """The verbs of a map, in the order in which they act."""

    where: Code = None
    unnest: Unnest | None = None
    set: dict[Name, Code] | None = None
    add: dict[Name, Any] | None = None
    apply: StrictStr | None = None
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    render: dict[Name, StrictStr] | None = None
    rename: dict[Name, Name] | None = None
    drop: list[Name] | None = None
    keep: list[Name] | None = None
    replace: list[Name] = []


class Map(Step, Verbs):
    """`map`: verbs in a fixed order, one function (`apply`), or a list of either (`do`)."""

    from_: Ref = Field(alias="from")
    max_failures: MaxFailures = None
    do: list[Verbs] | None = None
    cases: dict[Name, Code] | None = None
    if_: Code = Field(None, alias="if")
    else_: Literal["bypass", "empty"] | dict[Name, Code] = Field("bypass", alias="else")


class Uniform(Closed):
    """A seeded draw between two bounds for each group."""

    uniform: Annotated[list[StrictInt], Field(min_length=2, max_length=2)]


class Origin(Closed):
    """Group by the record of that step from which the members descend."""

    origin: StrictStr


class Hashed(Closed):
    """Split by the hash of an expression, so that equal values stay together."""

    hashed: Code


class TakeTokens(Closed):
    """Take records until their weights reach a budget."""

    tokens: Code
    weigh: Code


class TakeShare(Closed):
    """Take a share of the records."""

    share: Share


class SameField(Closed):
    """Keep away from each other, besides a record and itself, records with one value of a field."""

    field: Name


class Combine(Step):
    """`combine`: an operator over whole streams."""

    op: StrictStr
    from_: Refs = Field(alias="from")
    sides: dict[Name, StrictStr] = {}
    max_failures: MaxFailures = None
    by: Code | list[Code] | Origin | Hashed = None
    descending: list[StrictBool] | StrictBool = False
    collect: dict[Name, Code] | None = None
    keep: list[Name] | Literal["first"] | None = None
    incomplete: Literal["keep", "reject", "fail"] = "keep"
    size: Positive | None = None
    weight: Code = None
    target: Positive | Uniform | None = None
    order: Literal["hashed", "canonical"] = "canonical"
    within: Name | list[Name] | None = None
    as_: Name | None = Field(None, alias="as")
    field: Name | None = None
    against_field: Name | None = None
    near: Likeness | None = None
    shingle: Positive = 3
    permutations: Permutations = 128
    words: Positive = 13
    top: Positive | None = None
    scorer: Literal["bm25", "embeddings", "random"] = "bm25"
    model: StrictStr | None = None
    exclude: Literal["same_identity", "none"] | SameField = "same_identity"
    budget: dict[StrictStr, Positive] | None = None
    take: dict[Name, Name] | None = None
    missing: Literal["reject", "null", "fail"] = "reject"
    normalise: Literal["none", "whitespace", "casefold"] = "none"
    first: Count | None = None
    hashed: Count | TakeTokens | TakeShare | None = None
    accept: Positive | None = None
    max_candidates: Positive | None = None
    ahead: Positive = 256
    strata: dict[StrictStr, Share] | list[StrictStr] | None = None
    fill: StrictBool = False
    shortage: Literal["none", "warn", "error"] = "warn"
    into: dict[Name, Share] | None = None
    of: dict[Name, StrictStr] | None = None
    before: Count = 0
    after: Count = 0
    else_: Literal["bypass", "empty"] = Field("bypass", alias="else")


class Export(Step):
    """`export`: write a file."""

    from_: Ref = Field(alias="from")
    max_failures: MaxFailures = None
    format: StrictStr
    path: StrictStr
    with_: dict[StrictStr, Any] = Field({}, alias="with")
    partition: Name | None = None
    empty: Literal["write", "skip", "error"] = "write"
    else_: Literal["empty"] | None = Field(None, alias="else")


class Use(Step):
    """`use`: another spec as a typed step."""

    use: StrictStr
    from_: Refs | None = Field(None, alias="from")
    params: dict[Name, Any] = {}
    models: dict[Name, StrictStr] = {}
    carry: list[Name] = []
    draw: StrictInt | StrictStr = 0
    else_: Literal["bypass", "empty"] = Field("bypass", alias="else")


STEP_TYPES: dict[str, type[Step]] = {
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


class Message(Closed):
    """One message of a prompt; the content is a Jinja template."""

    role: Literal["system", "user", "assistant"]
    content: StrictStr


class Example(Closed):
    """A few-shot turn: what a user says and what the model should answer, as plain text."""

    user: StrictStr
    assistant: StrictStr
    when: StrictStr | StrictBool = True  # of the file's params: false leaves it out


class PromptFile(Closed):
    """A prompt file."""

    atkc: Literal[1] | None = None
    description: StrictStr = ""
    imports: dict[StrictStr, StrictStr] = Field({}, alias="import")
    params: dict[Name, Any] = {}
    fields: dict[Name, Any] | None = None
    messages: Annotated[list[Message], Field(min_length=1)]
    examples: list[Example] = []
    sampling: dict[StrictStr, Any] = {}
    reply: dict[StrictStr, Any] | None = None


class Spec(Closed):
    """A whole spec; `steps` hold raw mappings here, each is validated as its own type."""

    atkc: Literal[1]
    name: StrictStr
    description: StrictStr = ""
    seed: StrictInt = 0
    tokenizer: Literal["cl100k", "o200k", "p50k", "chars4"] = "cl100k"
    output: StrictStr | None = None
    max_failures: MaxFailures = None
    budget: Budget = Budget()
    imports: dict[StrictStr, StrictStr] = Field({}, alias="import")
    params: dict[Name, Param] = {}
    endpoints: dict[Name, Endpoint] = {}
    models: dict[Name, Model] = {}
    records: dict[Annotated[StrictStr, Field(pattern="^[A-Z]")], dict[StrictStr, Any]] = {}
    inputs: dict[Name, Input] = {}
    outputs: dict[Name, Output] = {}
    steps: dict[Name, dict[StrictStr, Any]] = {}
