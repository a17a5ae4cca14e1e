"""What a picture shows of a plan: written steps, folded instances, modules, streams."""

from __future__ import annotations

import pytest

from atkc.compiler.drawing.address import names_of
from atkc.compiler.drawing.facts import common
from atkc.compiler.drawing.picture import Arrow, Picture, picture
from tests.compiler.drawing.plans import edges, folded, node, plan, simple


def arrows(drawn: Picture) -> set[tuple[str, str]]:
    return {(a.source, a.target) for a in drawn.arrows}


def test_each_written_step_is_a_box() -> None:
    drawn = picture(simple())
    assert [b.name for b in drawn.boxes] == [
        "documents", "chunks", "worthwhile", "pairs", "dataset", "refused"
    ]  # fmt: skip
    assert [b.subtitle for b in drawn.boxes] == [
        "documents", "text.chunk", "judge · 3 votes", "writer", "sft/pairs.jsonl", "refused.jsonl"
    ]  # fmt: skip
    assert [b.cardinality for b in drawn.boxes][1:4] == ["1:n", "filter", "1:n"]
    assert drawn.description == "A line of steps."


def test_instances_of_a_step_are_one_box_and_modules_are_clusters() -> None:
    drawn = picture(folded())
    times = {b.id: b.times for b in drawn.boxes}
    assert times == {
        "documents": 2,
        "chunks": 2,
        "recall.related": 2,
        "recall.asked.ask": 4,
        "recall.asked.check": 2,
        "recall.joined": 2,
        "recall.failures": 2,
        "file": 2,
        "broken": 2,
        "card": 1,
    }
    assert [(c.id, c.name, c.parent, c.times) for c in drawn.clusters] == [
        ("recall", "recall", "", 2),
        ("recall.asked", "asked", "recall", 4),
    ]


@pytest.mark.parametrize(
    ("box", "shown"),
    [("documents", "×2"), ("recall.related", ""), ("recall.asked.check", "×2"), ("card", "")],
)
def test_a_number_is_shown_where_it_is_not_that_of_the_module(box: str, shown: str) -> None:
    drawn = picture(folded())
    assert drawn.repeats(next(b for b in drawn.boxes if b.id == box)) == shown


def test_expanded_every_instance_is_a_box() -> None:
    whole = folded()
    drawn = picture(whole, expanded=True)
    assert len(drawn.boxes) == sum(n.type not in ("border", "label") for n in whole.nodes)
    assert {b.times for b in drawn.boxes} == {1}
    assert "recall/a.asked/open.ask" in {b.id for b in drawn.boxes}
    assert {c.name for c in drawn.clusters} == {
        "recall · a", "recall · b", "asked · open", "asked · negative"
    }  # fmt: skip


def test_streams_run_through_borders_and_labels() -> None:
    drawn = picture(folded())
    assert arrows(drawn) == {
        ("documents", "chunks"),
        ("chunks", "recall.related"),
        ("recall.related", "recall.asked.ask"),
        ("recall.asked.ask", "recall.asked.check"),
        ("recall.asked.ask", "recall.joined"),
        ("recall.asked.check", "recall.joined"),
        ("recall.asked.ask", "recall.failures"),
        ("recall.joined", "file"),
        ("recall.failures", "broken"),
        ("file", "card"),
    }


def test_ports_roles_and_spills_stay_with_their_stream() -> None:
    drawn = picture(folded())
    found = {(a.source, a.port, a.target, a.role): a for a in drawn.arrows}
    query = found["chunks", "main", "recall.related", "query"]
    assert query.spill
    assert found["chunks", "main", "recall.related", "pool"].spill  # at the border
    failed = found["recall.asked.ask", "failed", "recall.failures", "in"]
    assert failed.aside
    assert not failed.spill
    assert Arrow("file", "files", "card", "in", spill=False) in drawn.arrows


def test_a_spill_inside_a_module_marks_the_stream_into_it() -> None:
    inner = node("m.in", "border", "a")
    drawn = picture(plan(node("a", "source"), inner, node("m.b", "map", "m.in!")))
    assert [(a.source, a.target, a.spill) for a in drawn.arrows] == [("a", "m.b", True)]


def test_a_barrier_in_one_instance_marks_the_box() -> None:
    both = [node("s/a", "combine", order="ordered"), node("s/b", "combine", order="barrier")]
    assert picture(plan(*both)).boxes[0].barrier


def test_an_output_of_the_spec_has_its_own_name() -> None:
    drawn = picture(plan(node("pairs", "source"), node("pairs.export", "output", "pairs")))
    assert [(b.id, b.name, b.cluster) for b in drawn.boxes] == [
        ("pairs", "pairs", ""),
        ("pairs.export", "pairs", ""),
    ]
    assert drawn.clusters == ()


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("ask", ("ask",)),
        ("m.ask.unlabelled", ("m", "ask")),
        ("recall/harbour.asked/open/0.ask", ("recall/harbour", "asked/open/0", "ask")),
        ("recall/v1.2.ask", ("recall/v1.2", "ask")),
    ],
)
def test_addresses_come_apart(address: str, names: tuple[str, ...]) -> None:
    assert names_of(address) == names


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["a/x_1.jsonl", "a/x_2.jsonl"], "a/x_*.jsonl"),
        (["x", "xx"], "x*"),
        (["p", "q"], "*"),
    ],
)
def test_paths_of_instances_show_what_they_share(paths: list[str], shown: str) -> None:
    assert common(paths) == shown


def test_facts_tell_place_types_model_and_prompt() -> None:
    drawn = picture(simple())
    facts = {b.name: {f.title: f.text for f in b.facts} for b in drawn.boxes}
    assert facts["documents"]["Written at"] == "spec.yaml:7"
    assert facts["pairs"]["Model"] == "writer: atkc/extractive (temperature 0.8)"
    assert "{{ text }}" in facts["pairs"]["Prompt ask"]
    assert "**Question:**" in facts["pairs"]["Prompt ask"]
    assert facts["chunks"]["Port main"] == "text: string\ntags: [string]"  # hidden fields are not


def test_the_model_of_a_module_is_named_as_the_module_names_it() -> None:
    ask = next(b for b in picture(folded()).boxes if b.name == "ask")
    assert ask.subtitle == "writer"


def test_different_models_of_instances_are_all_named() -> None:
    both = [node("s/a", "prompt", word="large"), node("s/b", "prompt", word="small")]
    assert picture(plan(*both)).boxes[0].subtitle == "large, small"


def test_edges_of_the_kit_say_what_they_mean() -> None:
    (one,) = edges("a|rejected!")
    assert (one.node, one.port, one.spill) == ("a", "rejected", True)
