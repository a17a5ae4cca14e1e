"""Small plans written by hand, so that drawings do not change with the compiler."""

from __future__ import annotations

import random
from typing import Any

from atkc.compiler.plan import (
    Action,
    CombineOp,
    Edge,
    ExportOp,
    Expression,
    MapOp,
    Model,
    Node,
    Place,
    Plan,
    Prompt,
    PromptMessage,
    PromptOp,
    SourceOp,
    Text,
    Variant,
    VoteOp,
)

KINDS = {"source": "0:n", "vote-filter": "filter", "export": "n:0"}
PORTS = {"text": "string", "tags": ["string"], "^m^hidden": "string"}


def edges(*names: str) -> list[Edge]:
    """Return edges: `step`, `step|port`; a `!` at the end marks a spill."""
    found = []
    for name in names:
        node, _, port = name.removesuffix("!").partition("|")
        found.append(Edge(node=node, port=port or "main", spill=name.endswith("!")))
    return found


def op_of(kind: str, word: str) -> Any:
    """Return an operation of a step type; `word` is the model, operator, path or function."""
    prompt = Prompt(
        name="ask",
        messages=[PromptMessage(role="user", content=Text(text="Ask about {{ text }} </pre>"))],
        instructions="Say **Question:**",
    )
    match kind:
        case "source" | "input":
            return SourceOp(reader=word or "documents", version=1)
        case "prompt":
            return PromptOp(model=word or "writer", variants=[Variant(prompt=prompt)])
        case "vote-filter":
            return VoteOp(model=word or "judge", prompt=prompt, votes=3, name="worth")
        case "combine":
            return CombineOp(operator=word or "concat")
        case "export" | "output":
            return ExportOp(format="jsonl", version=1, path=word or "out.jsonl")
    if word:
        return MapOp(actions=[Action(verb="apply", function=word, version=1)])
    return MapOp(actions=[Action(verb="set", values={"a": Expression(text="1 < 2")})])


def node(id: str, kind: str, *inputs: str, word: str = "", **more: Any) -> Node:  # noqa: A002
    """Return a node; inputs as in `edges`, all in the role `in` unless `inputs=` says otherwise."""
    more.setdefault("inputs", {"in": edges(*inputs)} if inputs else {})
    more.setdefault("cardinality", KINDS.get(kind, "1:1"))
    return Node(id=id, type=kind, op=op_of(kind, word), ports={"main": PORTS}, **more)


def plan(*nodes: Node, **more: Any) -> Plan:
    """Return a plan of these nodes."""
    return Plan(**{"name": "drawn", "nodes": list(nodes), **more})


def simple() -> Plan:
    """Return a line of steps with a fork."""
    at = Place(path="/here/spec.yaml", line=7, col=3)
    return plan(
        node("documents", "source", place=at),
        node("chunks", "map", "documents", word="text.chunk", cardinality="1:n"),
        node("worthwhile", "vote-filter", "chunks"),
        node("pairs", "prompt", "worthwhile", cardinality="1:n"),
        node("dataset", "export", "pairs", word="sft/pairs.jsonl"),
        node("refused", "export", "worthwhile|rejected", word="refused.jsonl"),
        description="A line\nof steps.",
        models={"writer": Model(model="atkc/extractive", sampling={"temperature": 0.8})},
    )


def folded() -> Plan:
    """Return two directories through a module that itself repeats a module, then one export."""
    nodes = [node(f"documents/{d}", "source") for d in "ab"]
    nodes += [node(f"chunks/{d}", "map", f"documents/{d}", word="text.chunk") for d in "ab"]
    for d in "ab":
        inside = f"recall/{d}."
        both = {"query": edges(f"{inside}chunks!"), "pool": edges(f"{inside}chunks")}
        nodes += [
            node(f"{inside}chunks", "border", f"chunks/{d}!"),
            node(f"{inside}related", "combine", word="neighbours", inputs=both, order="barrier"),
        ]
        for way in ("open", "negative"):
            asked = f"{inside}asked/{way}."
            nodes += [
                node(f"{asked}chunks", "border", f"{inside}related"),
                node(f"{asked}ask.unlabelled", "prompt", f"{asked}chunks", word=f"{inside}writer"),
                node(f"{asked}ask", "label", f"{asked}ask.unlabelled"),
            ]
            if way == "open":
                nodes.append(node(f"{asked}check", "vote-filter", f"{asked}ask"))
            last = "check" if way == "open" else "ask"
            nodes.append(node(f"{inside}asked/{way}:pairs", "label", f"{asked}{last}"))
        pairs = [f"{inside}asked/{way}:pairs" for way in ("open", "negative")]
        nodes.append(node(f"{inside}joined", "combine", *pairs))
        nodes.append(node(f"file/{d}", "export", f"{inside}joined", word=f"out/pairs_{d}.jsonl"))
        refused = [f"{inside}asked/{way}.ask.unlabelled|failed" for way in ("open", "negative")]
        nodes.append(node(f"{inside}failures", "map", *refused))
        nodes.append(node(f"broken/{d}", "export", f"{inside}failures", word=f"broken_{d}.jsonl"))
    nodes.append(node("card", "export", "file/a|files", "file/b|files", word="README.md"))
    return plan(*nodes)


def hostile() -> Plan:
    """Return a plan whose texts try to break out of every format."""
    text = (
        '"];</style></script><script>x=1</script>`]}|#quot;\\" -->\n%%{init: {}}%% --> & $$x$$ \x07'
    )
    return plan(
        node("a", "source", word=text),
        node("b", "prompt", "a", word=text),
        node("c", "export", word=text, inputs={text: [Edge(node="b", port=text)]}),
        name=text,
        description=text,
    )


def looped() -> Plan:
    """Return a module that is left and entered again by one stream: no order of layers fits."""
    return plan(
        node("s", "source"),
        node("m.first", "map", "s"),
        node("between", "map", "m.first"),
        node("m.second", "map", "between", "m.first"),
        node("out", "export", "m.second"),
    )


def drawn_by_lot(seed: int) -> Plan:
    """Return a plan with modules two deep and streams at random."""
    lot = random.Random(seed)
    nodes: list[Node] = []
    for i in range(lot.randint(1, 40)):
        module = lot.choice(["", "", "m.", "n.", "m.inner."])
        known = [n.id for n in nodes]
        ports = ["", "|rejected", "|files", "!"]
        above = lot.sample(known, k=min(len(known), lot.randint(0, 3)))
        read = [x + lot.choice(ports) for x in above]
        roles = {r: edges(*read[j::2]) for j, r in enumerate(["in", "side.x"]) if read[j::2]}
        kind = (
            lot.choice(["map", "prompt", "vote-filter", "combine", "export"]) if read else "source"
        )
        nodes.append(node(f"{module}step{i}" + "x" * lot.randint(0, 30), kind, inputs=roles))
    return plan(*nodes)


PLANS = {"simple": simple, "folded": folded, "hostile": hostile, "looped": looped}
