"""The mix: what the targets are by hand, what is drawn, and what is said where there is too little.

A token is four characters here (`tokenizer: chars4`), and every row to draw from is one token, so
that what is drawn is the target.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from atkc.cli.entry import run
from tests.e2e.kit import files, manifest, rows

DOMAIN, RAG, CORRECTION = 1000, 200, 100  # tokens
ROWS = 1000  # of each general set
CONTENT = "{% for m in messages %}{{ m.content }}{% endfor %}"


def ones(count: int, prefix: str) -> list[str]:
    """Return different texts of one token."""
    return [f"{prefix}{n:03}" for n in range(count)]


def sets(a: float = 10, b: float = 5) -> list[dict[str, Any]]:
    return [{"file": "a.jsonl", "percent": a}, {"file": "b.jsonl", "percent": b}]


def inline(*texts: str) -> dict[str, Any]:
    """Return a source of chunks."""
    made = [{"text": text, "source": text[:4]} for text in texts]
    return {"type": "source", "read": "inline", "with": {"rows": made}}


def write(folder: Path, cases: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a spec that mixes once per case, each into a folder of its name."""
    (folder / "atkc.toml").touch()
    for name in "ab":
        told = ({"messages": [{"role": "user", "content": t}]} for t in ones(ROWS, name))
        text = "".join(json.dumps(row) + "\n" for row in told)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    steps: dict[str, Any] = {
        "domain": inline("d" * 4 * DOMAIN),
        "rag": inline("r" * 4 * RAG),
        "correction": inline("c" * 4 * CORRECTION),
        "chunks": inline(*ones(ROWS, "p")),
    }
    usual = {"sets": sets(), "minimum_generic_sft": 0, "pretrain_tokens": 0, "template": CONTENT}
    for name, params in cases.items():
        steps[name] = {
            "type": "use",
            "use": "atkc:recipes/factual/mix.yaml",
            "from": {
                "domain": "domain", "rag": "rag", "correction": "correction",
                "pretraining": "chunks",
            },
            "params": {**usual, **params},
        }  # fmt: skip
        for port in ("generic", "pretrain"):
            to = {"format": "jsonl", "path": f"{name}/{port}.jsonl"}
            steps[f"{name}_{port}"] = {"type": "export", "from": f"{name}.{port}", **to}
    spec = {"atkc": 1, "name": "mixing", "tokenizer": "chars4", "steps": steps}
    (folder / "spec.yaml").write_text(json.dumps(spec), "utf-8")


# case: (settings, tokens of the sets a and b, tokens of pretraining text)
WHOLE = ["domain", "rag", "correction"]
PERCENT = {"pretrain_tokens": None, "pretrain_percent": 20}
CASES: dict[str, tuple[dict[str, Any], tuple[int, int], int]] = {
    # G = D * 15 / 100 = 150; Gk = 150 * 10 / 15 and 150 * 5 / 15
    "plain": ({}, (100, 50), 0),
    # the minimum is a floor of G: 600 * 2/3 and 600 * 1/3; below G it changes nothing
    "minimum": ({"minimum_generic_sft": 600}, (400, 200), 0),
    "low_minimum": ({"minimum_generic_sft": 149}, (100, 50), 0),
    # 100 * 2/3 = 66.7 and 33.3 are floored
    "floored": ({"minimum_generic_sft": 100, "sets": sets(2, 1)}, (66, 33), 0),
    # 1000 * 4.4 / 100 = 44 by 3.3 and 1.1
    "fractions": ({"sets": sets(3.3, 1.1)}, (33, 11), 0),
    # 30 / 70 of 1000 * 0.7 / 100 = 7, where 0.7 is a little less in binary
    "fractions_of_the_whole": (
        {"sets": sets(0.7, 0), "pretrain_tokens": None, "pretrain_percent": 30,
         "pretrain_share_of": ["generic"]}, (7, 0), 3,
    ),
    "nothing_of_one": ({"sets": sets(10, 0)}, (100, 0), 0),
    "nothing_of_both": ({"sets": sets(0, 0), "minimum_generic_sft": 50}, (0, 0), 0),
    # percents of 1300, of 200, of 300
    "of_all": ({"percent_of": WHOLE}, (130, 65), 0),
    "of_rag": ({"percent_of": ["rag"]}, (20, 10), 0),
    "of_both": ({"percent_of": ["rag", "correction"]}, (30, 15), 0),
    # P: tokens as they are, and they win
    "tokens": ({"pretrain_tokens": 150}, (100, 50), 150),
    "tokens_win": ({"pretrain_tokens": 150, "pretrain_percent": 20}, (100, 50), 150),
    "neither": ({"pretrain_tokens": None}, (100, 50), 0),
    # P = 20 / 80 of the rest: 1450 / 4 = 362.5, 1000 / 4, 1150 / 4 = 287.5, 300 / 4
    "share": (PERCENT, (100, 50), 362),
    "share_of_domain": ({**PERCENT, "pretrain_share_of": ["domain"]}, (100, 50), 250),
    "share_of_two": ({**PERCENT, "pretrain_share_of": ["domain", "generic"]}, (100, 50), 287),
    "share_of_others": ({**PERCENT, "pretrain_share_of": ["rag", "correction"]}, (100, 50), 75),
    # the rest counts general tokens as they were drawn: 1000 + 99 + 300, / 4 = 349.75
    "share_of_drawn": (
        {**PERCENT, "minimum_generic_sft": 100, "sets": sets(0.2, 0.1)}, (66, 33), 349,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mixing")
    write(folder, {name: case[0] for name, case in CASES.items()})
    with chdir(folder):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
        yield folder


def drawn(folder: Path, case: str) -> tuple[list[str], list[str]]:
    """Return the texts drawn of either set, as they were named by their file."""
    found = rows(folder / f"out/{case}/generic.jsonl")
    a, b = ([row["text"] for row in found if row["set"] == name] for name in "ab")
    assert len(a) + len(b) == len(found)
    return a, b


@pytest.mark.parametrize("case", CASES)
def test_what_is_drawn_is_the_target(mixed: Path, case: str) -> None:
    _, generic, pretrain = CASES[case]
    a, b = drawn(mixed, case)
    assert (len(a), len(b)) == generic
    texts = [row["text"] for row in rows(mixed / f"out/{case}/pretrain.jsonl")]
    assert len(texts) == pretrain
    for found, prefix in ((a, "a"), (b, "b"), (texts, "p")):  # each once, and none of another
        assert len(set(found)) == len(found)
        assert {text[0] for text in found} <= {prefix}


def test_a_higher_target_adds_and_takes_nothing_away(mixed: Path) -> None:
    less, more = drawn(mixed, "plain"), drawn(mixed, "minimum")
    assert set(less[0]) < set(more[0])
    assert set(less[1]) < set(more[1])
    assert less[0] != ones(100, "a")  # not the first ones


def test_nothing_is_short_where_there_is_enough(mixed: Path) -> None:
    assert {told["kind"] for told in manifest(mixed / "out")["warnings"]} == {"empty"}


def test_the_draw_is_the_same_each_time(mixed: Path, tmp_path: Path) -> None:
    write(tmp_path, {name: case[0] for name, case in CASES.items()})
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert files(tmp_path / "out") == files(mixed / "out")


# ---- too little

SHORT = {
    "sets": [{"file": "a.jsonl", "percent": 200}, {"file": "b.jsonl", "percent": 50}],
    "pretrain_tokens": 1500,
}
TOLD = [
    "`mixed.generic_share/a.unlabelled` asks for 2000 tokens and 1000 are there",
    "`mixed.pretrain_share` asks for 1500 tokens and 1000 are there",
]


def test_a_shortage_is_told_and_all_there_is_is_drawn(tmp_path: Path) -> None:
    write(tmp_path, {"mixed": SHORT})
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert [len(found) for found in drawn(tmp_path, "mixed")] == [1000, 500]
    assert len(rows(tmp_path / "out/mixed/pretrain.jsonl")) == 1000
    told = manifest(tmp_path / "out")["warnings"]
    assert sorted(w["message"] for w in told if w["kind"] == "shortage") == TOLD


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"sets": SHORT["sets"]}, TOLD[0]),
        ({"pretrain_tokens": 1500}, TOLD[1]),
    ],
)
def test_a_shortage_is_an_error_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], params: dict[str, Any], told: str
) -> None:
    write(tmp_path, {"mixed": {**params, "strict": True}})
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 1
    said = capsys.readouterr().err
    assert "error[ATK606]" in said
    assert told in said
    assert not (tmp_path / "out/mixed").exists()


def test_rows_that_are_each_too_long_for_the_target_are_a_shortage(tmp_path: Path) -> None:
    write(tmp_path, {"mixed": {"pretrain_tokens": 10}})
    spec = json.loads((tmp_path / "spec.yaml").read_text("utf-8"))
    spec["steps"]["chunks"] = inline("x" * 400, "y" * 400)
    (tmp_path / "spec.yaml").write_text(json.dumps(spec), "utf-8")
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert rows(tmp_path / "out/mixed/pretrain.jsonl") == []
    told = manifest(tmp_path / "out")["warnings"]
    message = "`mixed.pretrain_share` asks for 10 tokens and the first record drawn has 100"
    assert [w["message"] for w in told if w["kind"] == "shortage"] == [message]


# ---- words that set the scene, and rows

TURNS = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
GIVEN = {
    "messages": [{"role": "user", "content": "Hm?"}, {"role": "assistant", "content": "Yes."}],
    "conversations": [
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": "Hm?"},
        {"from": "gpt", "value": "Yes."},
    ],
}
ADDED = {  # where: the texts of the two rows
    "none": ["[system]Know.[user]Hm?[assistant]Yes.",
              "[system]Know.\nBe kind.[user]Hm?[assistant]Yes."],
    "system": ["[system]Know.\nIn a port.[user]Hm?[assistant]Yes.",
                "[system]Know.\nIn a port.\nBe kind.[user]Hm?[assistant]Yes."],
    "human": ["[system]Know.[user]In a port.\nHm?[assistant]Yes.",
               "[system]Know.\nBe kind.[user]In a port.\nHm?[assistant]Yes."],
}  # fmt: skip


@pytest.mark.parametrize("where", ADDED)
def test_words_are_added_where_the_set_says_and_the_instruction_before_all(
    tmp_path: Path, where: str
) -> None:
    item = {"file": "g.jsonl", "percent": 100, "context_to_add": "In a port."}
    params = {
        "sets": [{**item, "context_to_add_type": where}],
        "template": TURNS,
        "shared_instruction": "Know.",
    }
    write(tmp_path, {"mixed": params})
    lines = (json.dumps({key: value}) for key, value in GIVEN.items())
    (tmp_path / "g.jsonl").write_text("\n".join(lines), "utf-8")
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert [row["text"] for row in rows(tmp_path / "out/mixed/generic.jsonl")] == ADDED[where]


def test_no_more_rows_are_read_than_that(tmp_path: Path) -> None:
    write(tmp_path, {"mixed": {"max_samples_per_dataset": 7}})
    with chdir(tmp_path):
        assert run(["run", "spec.yaml", "--output", "out"]) == 0
    assert [sorted(found) for found in drawn(tmp_path, "mixed")] == [ones(7, "a"), ones(7, "b")]
