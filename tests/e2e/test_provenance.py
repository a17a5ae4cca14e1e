"""Each line traced to its documents and calls, and a document to its lines."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Serve
from tests.e2e.kit import ROOT, Project, files, make_project, manifest, rows, sidecars, wait_for

PLANTED = "The weir at Dunmore was rebuilt in 1931 by the mason Ada Thorne."

NEAR = """\
  near:
    type: combine
    op: neighbours
    from: {query: worthwhile, pool: chunks}
    field: text
    as: near
    take: {text: text}
    top: 1
    exclude: same_identity
  pairs:
    type: prompt
    from: near
"""
MORE = """\
  talks:
    type: combine
    op: batch
    from: turns
    size: 2
    as: pairs
  batches:
    type: export
    from: talks
    format: jsonl
    path: batches.jsonl
  refused:
    type: export
    from: worthwhile.rejected
    format: jsonl
    path: refused.jsonl
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return ran(tmp_path_factory.mktemp("provenance"))


def ran(folder: Path) -> Project:
    project = prepared(folder)
    assert project.run().code == 0
    return project


def prepared(folder: Path) -> Project:
    """The small project with neighbours in the prompt, batches, and a planted sentence."""
    project = make_project(folder)
    project.change("spec.yaml", "  pairs:\n    type: prompt\n    from: worthwhile\n", NEAR)
    spec = (project.folder / "spec.yaml").read_text(encoding="utf-8")
    project.write("spec.yaml", spec + MORE)
    fields = "source: string, near: [{text: string}]}"
    project.change("prompts/ask.yaml", "source: string}", fields)
    near = "      Near: {{ near | length }}\n\n      Passage:\n"
    project.change("prompts/ask.yaml", "      Passage:\n", near)
    project.write(
        "docs/deep/weir.txt",
        "Water is measured each morning at the upper gauge. It is written into a book of the "
        f"parish. The gauge has a scale of brass.\n\n{PLANTED} It has three gates of oak, and "
        "each gate is four metres wide.\n",
    )
    return project


def trace(project: Project, line: str, *words: str) -> dict[str, Any]:
    done = project.atkc("trace", line, "--json", *words)
    assert (done.code, done.err) == (0, "")
    told: dict[str, Any] = json.loads(done.out)
    return told


def line_with(project: Project, name: str, text: str) -> int:
    found = (project.output / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(found, 1) if text in line)


def test_a_planted_sentence_is_traced_to_its_place_and_replies(made: Project) -> None:
    number = line_with(made, "sft/pairs.jsonl", "Ada Thorne")
    told = trace(made, f"outputs/small/sft/pairs.jsonl:{number}")
    own = [source for source in told["sources"] if not source["shown"]]
    shown = [source for source in told["sources"] if source["shown"]]
    document = (made.folder / "docs/deep/weir.txt").read_text(encoding="utf-8")
    (source,) = own
    assert (source["source"], source["step"]) == ("deep/weir.txt", "documents")
    assert PLANTED in source["text"] == document[source["start"] : source["end"]]
    chunks = [row["text"] for row in made.rows("texts.jsonl")]
    assert source["text"] in chunks
    assert len(shown) == 1  # the one neighbour
    assert all(s["text"] is not None for s in shown)

    calls = [call for call in told["calls"] if not call["shown"]]
    assert [call["step"] for call in calls] == ["worthwhile", "pairs"]
    vote, pairs = calls
    assert vote["passed"] is True
    assert [reply["ballot"] for reply in vote["replies"]] == [True, True]
    for reply in vote["replies"]:
        assert "SUITABLE" in reply["reply"]
        assert source["text"] in reply["messages"][-1]["content"]
    (reply,) = pairs["replies"]
    assert (reply["model"], reply["attempt"], reply["missing"]) == ("atkc/extractive", 1, [])
    assert "Near: 1" in reply["messages"][-1]["content"]
    turns = made.rows("sft/pairs.jsonl")[number - 1]["conversations"]
    for turn in turns:
        assert turn["value"] in reply["reply"]
    assert reply["prompt_tokens"] > 0
    assert reply["money"] == 0


def test_the_text_form_tells_the_same(made: Project) -> None:
    number = line_with(made, "sft/pairs.jsonl", "Ada Thorne")
    done = made.atkc("trace", f"outputs/small/sft/pairs.jsonl:{number}")
    assert done.code == 0
    for said in (
        "from deep/weir.txt, characters ",
        PLANTED,
        "call 1: worthwhile, passed",
        "ballot 2: pass",
        "call 2: pairs",
        "attempt 1",
    ):
        assert said in done.out


def test_a_batch_is_traced_to_all_its_records(made: Project) -> None:
    for number, batch in enumerate(made.rows("batches.jsonl"), 1):
        told = trace(made, f"outputs/small/batches.jsonl:{number}")
        names = {s["source"] for s in told["sources"] if not s["shown"]}
        assert names == {pair["source"] for pair in batch["pairs"]}
        asked = [c for c in told["calls"] if c["step"] == "pairs"]
        assert 1 <= len(asked) <= len(batch["pairs"])


def test_every_line_has_a_source_and_every_key_a_reply(made: Project) -> None:
    keys = set()
    for name, data in sidecars(made.output).items():
        told = name.removeprefix("provenance/").removesuffix(".jsonl")
        trails = [json.loads(line) for line in data.splitlines()]
        assert len(trails) == len(rows(made.output / told))
        assert all(trail["sources"] for trail in trails)
        keys |= {key for trail in trails for call in trail["calls"] for key in call["keys"]}
    assert len(keys) <= manifest(made.output)["run"]["calls"]
    listed = {e["path"] for e in manifest(made.output)["files"] if e["role"] == "provenance"}
    assert listed == set(sidecars(made.output))
    assert len(listed) == len(files(made.output))


def test_a_second_run_writes_the_same_sidecars(made: Project) -> None:
    before, told = sidecars(made.output), manifest(made.output)["files"]
    assert made.run().calls()[0] == 0
    assert sidecars(made.output) == before
    assert manifest(made.output)["files"] == told


def test_an_empty_cache_makes_the_same_sidecars(made: Project, tmp_path: Path) -> None:
    assert sidecars(ran(tmp_path / "again").output) == sidecars(made.output)


def test_a_killed_run_goes_on_and_writes_the_same_sidecars(tmp_path: Path, serve: Serve) -> None:
    server = serve("--latency", "0.1")
    project = prepared(tmp_path / "p")
    running = project.start(*server.models())
    wait_for(lambda: server.stats()["completions"] >= 9)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=20)
    assert project.run(*server.models()).calls()[1] > 0
    resumed = sidecars(project.output)
    shutil.rmtree(project.folder / ".atkc")
    assert project.run(*server.models()).calls()[1] == 0
    assert sidecars(project.output) == resumed != {}


def test_what_the_cache_does_not_hold_is_said_call_by_call(made: Project) -> None:
    words = ("--cache", "nowhere")
    told = trace(made, "outputs/small/sft/pairs.jsonl:1", *words)
    replies = [reply for call in told["calls"] for reply in call["replies"]]
    assert all(reply["missing"] == ["request", "reply"] for reply in replies)
    assert not (made.folder / "nowhere").exists()
    done = made.atkc("trace", "outputs/small/sft/pairs.jsonl:1", *words)
    assert done.code == 0
    assert done.out.count("the reply is not in the cache") == len(replies)


def test_a_changed_document_is_not_quoted(made: Project, tmp_path: Path) -> None:
    project = Project(tmp_path / "copy")
    shutil.copytree(made.folder, project.folder)
    assert project.run().code == 0
    number = line_with(project, "sft/pairs.jsonl", "Ada Thorne")
    project.change("docs/deep/weir.txt", "1931", "1932")
    told = trace(project, f"outputs/small/sft/pairs.jsonl:{number}")
    (source,) = [s for s in told["sources"] if not s["shown"]]
    assert (source["source"], source["text"]) == ("deep/weir.txt", None)


def test_a_document_is_followed_to_its_lines(made: Project) -> None:
    done = made.atkc("trace", "outputs/small", "--document", "weir.txt")
    assert done.code == 0
    told = json.loads(made.atkc("trace", "outputs/small", "--document", "weir.txt", "--json").out)
    assert told["documents"] == ["documents/deep/weir.txt"]
    by_file = {entry["file"]: entry for entry in told["files"]}
    number = line_with(made, "sft/pairs.jsonl", "Ada Thorne")
    assert number in by_file["sft/pairs.jsonl"]["lines"]
    assert number not in by_file["sft/pairs.jsonl"]["shown"]
    own = [
        number
        for number, row in enumerate(made.rows("texts.jsonl"), 1)
        if row["source"] == "deep/weir.txt"
    ]
    assert by_file["texts.jsonl"]["lines"] == own
    for path, entry in by_file.items():
        for number in entry["lines"]:
            mark = "  (shown)" if number in entry["shown"] else ""
            assert f"outputs/small/{path}:{number}{mark}\n" in done.out
        assert f"{len(entry['lines'])} of {entry['of']} lines in {path}\n" in done.out


def test_a_forgotten_document_is_in_no_line_of_the_copy(made: Project) -> None:
    before = files(made.output)
    words = ("trace", "outputs/small", "--document", "deep/weir.txt")
    told = json.loads(made.atkc(*words, "--json").out)
    done = made.atkc(*words, "--forget", "without")
    assert done.code == 0
    copy = made.folder / "without"
    assert files(made.output) == before
    gone = {entry["file"]: set(entry["lines"]) for entry in told["files"]}
    assert set(files(copy)) == set(before)
    for name, data in {**before, **sidecars(made.output)}.items():
        path = name.removeprefix("provenance/")
        path = path.removesuffix(".jsonl") if path != name else path
        lines = data.splitlines(keepends=True)
        left = [x for n, x in enumerate(lines, 1) if n not in gone.get(path, ())]
        assert (copy / name).read_bytes() == b"".join(left)
    assert "Thorne" not in "".join(p.read_text("utf-8") for p in copy.rglob("*.jsonl"))
    new = manifest(copy)
    assert new["forgotten"] == ["documents/deep/weir.txt"]
    for entry in new["files"]:
        assert entry["records"] == len(rows(copy / entry["path"]))
        assert entry["bytes"] == (copy / entry["path"]).stat().st_size
    tokens = {e["path"]: e["tokens"] for e in new["files"]}
    whole = {e["path"]: e["tokens"] for e in manifest(made.output)["files"]}
    assert 0 < tokens["texts.jsonl"] < whole["texts.jsonl"]
    left_out = sum(map(len, gone.values()))
    assert f"{left_out} lines left out of the copy in without\n" in done.out
    again = made.atkc("trace", "without", "--document", "deep/weir.txt")
    assert (again.code, "ATK033" in again.err) == (1, True)
    more = made.atkc("trace", "without", "--document", "bridge.txt", "--forget", "without-two")
    assert more.code == 0
    forgotten = manifest(made.folder / "without-two")["forgotten"]
    assert forgotten == ["documents/deep/weir.txt", "documents/bridge.txt"]


def test_the_key_of_a_call_names_what_was_asked(made: Project) -> None:
    """The text beside a reply is what its key is the hash of: nothing is told from memory."""
    import hashlib

    from atkc.runtime.storage.store import open_store

    told = trace(made, "outputs/small/sft/pairs.jsonl:1")
    store = open_store(made.folder / ".atkc")
    for call in told["calls"]:
        for reply in call["replies"]:
            key = bytes.fromhex(reply["key"])
            assert hashlib.sha256(store.request(key) or b"").digest() == key
    store.close()


def test_pages_and_characters_of_a_pdf_are_told(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    shutil.rmtree(project.folder / "docs")
    pdf = "dredging-and-quay-walls.pdf"
    project.write(f"docs/{pdf}", (ROOT / "examples/harbour" / pdf).read_bytes())
    project.change("spec.yaml", "max_tokens: 60", "max_tokens: 400")
    assert project.run().code == 0
    texts = [row["text"] for row in project.rows("texts.jsonl")]
    pages = []
    for number, text in enumerate(texts, 1):
        (source,) = trace(project, f"outputs/small/texts.jsonl:{number}")["sources"]
        assert (source["source"], source["text"]) == (pdf, text)
        pages.append(source["page"])
    assert pages == sorted(pages)
    assert pages[0] == 1 < pages[-1]
