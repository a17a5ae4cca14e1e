"""Section 4.9: what happens on a kill, a change, a failure."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.defects.kit import NO, YES, Small, asked, documents, judging, kind, once, tell, values
from tests.e2e.conftest import Serve, serve  # noqa: F401
from tests.e2e.kit import Project, files, make_project, manifest, wait_for
from tests.recipes.scripted import CUT


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path, documents("a", "b", "c"))


# ---- ended in the middle


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_keeps_every_reply_it_had(
    tmp_path: Path,
    serve: Serve,  # noqa: F811
    how: signal.Signals,
) -> None:
    """4.9: SIGKILL and SIGTERM in the middle of a step lose everything of that step."""
    project = make_project(tmp_path)
    server = serve("--latency", "0.1")
    running = project.start(*server.models())
    wait_for(lambda: server.stats()["completions"] >= 9)
    running.send_signal(how)
    running.communicate(timeout=20)
    wait_for(lambda: server.stats()["in_flight"] == 0)
    durable, sent = _stored(project), server.requests
    again = project.run(*server.models())
    assert again.code == 0
    assert durable > 0
    assert server.requests - sent == again.calls()[0]
    assert _stored(project) - durable == again.calls()[0]


def _stored(project: Project) -> int:
    with sqlite3.connect(project.folder / ".atkc/store.sqlite") as connection:
        (count,) = connection.execute("SELECT count(*) FROM entry WHERE kind='call'").fetchone()
    connection.close()
    return int(count)


def test_a_corrupt_cache_entry_is_made_again_and_the_others_stay(small: Small) -> None:
    """4.9: a corrupt JSON file is read as empty, and then written over."""
    first = small.run()
    store = small.folder / ".atkc/store.sqlite"
    with sqlite3.connect(store) as connection:
        (key,) = connection.execute("SELECT key FROM entry WHERE kind='call' LIMIT 1").fetchone()
        connection.execute("UPDATE entry SET value = x'00' WHERE key = ?", (key,))
    connection.close()
    before = files(first.folder)
    second = small.run()
    assert sum(asked(second).values()) == 1
    assert files(second.folder) == before


# ---- something changed


def test_an_added_document_that_sorts_early_loses_and_repeats_nothing(small: Small) -> None:
    """4.9: items are numbered by rank, so `aaa, bbb, ccc` became `bbb, ccc, ccc`."""
    small.texts = documents("bbb", "ccc")
    small.run()
    small.texts = documents("aaa", "bbb", "ccc")
    ran = small.run()
    assert asked(ran) == {"aaa": 2}
    assert values(ran, "out.jsonl", "source") == ["aaa.txt", "bbb.txt", "ccc.txt"]
    told = [f"I tell of m-{name}." for name in ("aaa", "bbb", "ccc")]
    assert values(ran, "out.jsonl", "told") == told


def test_an_edited_document_is_done_again_and_no_other(small: Small) -> None:
    """4.9: read and chunk caches are keyed by path and name, so an edit is ignored."""
    small.run()
    small.texts["b"] = "The tower m-b has five floors now."
    ran = small.run()
    assert asked(ran) == {"b": 2}
    assert values(ran, "out.jsonl", "text")[1] == small.texts["b"]


def test_a_document_that_is_taken_away_leaves_the_outputs(small: Small) -> None:
    """4.9: items stay in the state file by rank, whatever becomes of their documents."""
    small.run()
    del small.texts["a"]
    ran = small.run()
    assert asked(ran) == {}
    assert values(ran, "out.jsonl", "source") == ["b.txt", "c.txt"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tell.yaml", "Tell of it.", "Tell much of it."),
        ("spec.yaml", "temperature: 0.5", "temperature: 0.6"),
        ("spec.yaml", "default: openai/m", "default: openai/other"),
        ("tell.yaml", "told: string", "told: {type: string, description: a tale}"),
    ],
    ids=["prompt", "temperature", "model", "contract"],
)
def test_what_changed_is_asked_again(small: Small, file: str, old: str, new: str) -> None:
    """4.9: after a change of prompt, model, temperature or parser nothing runs again."""
    small.run()
    small.change(file, old, new)
    ran = small.run(kind(lambda marker, _: f"<told>Now of {marker}.</told>"))
    assert values(ran, "out.jsonl", "told") == [f"Now of m-{name}." for name in "abc"]


def test_a_stricter_parser_applies_to_replies_that_are_there(small: Small) -> None:
    """4.9: results of an old parser stay, mixed with those of the new one."""
    small.run()
    small.change("tell.yaml", "{format: tags,", "{format: tags, refuse: [of m-b],")
    ran = small.run(kind(lambda marker, _: f"<told>Anew: {marker}.</told>"))
    assert values(ran, "out.jsonl", "told") == ["I tell of m-a.", "Anew: m-b.", "I tell of m-c."]
    assert asked(ran) == {"b": 1}


# ---- something failed


def test_a_failed_record_is_kept_with_its_reason_and_costs_nothing_again(small: Small) -> None:
    """4.9: an item that fails is removed without a word, and costs six calls in every later run."""
    reply = kind(lambda marker, m: "no tag" if marker == "m-b" else tell(marker, m))
    ran = small.run(reply)
    assert ran.code == 4
    assert asked(ran) == {"a": 2, "b": 1 + 3, "c": 2}
    (lost,) = ran.rows("failed/told.jsonl")
    assert (lost["source"], lost["failure"]["kind"]) == ("b.txt", "missing-field")
    assert lost["failure"]["reply"] == "no tag"
    again = small.run(reply)
    assert asked(again) == {}
    assert len(again.rows("failed/told.jsonl")) == 1


@pytest.mark.parametrize(
    ("said", "kind_", "words"),
    [
        ("no tag", "missing-field", "`told` is missing"),
        ("<told>half", "truncated", "`<told>` is not closed"),
        (f"<told>half{CUT}", "truncated", "cut off at its greatest length"),
    ],
)
def test_the_cause_of_a_failure_is_the_parsers_own(
    small: Small, said: str, kind_: str, words: str
) -> None:
    """4.9: where a parser raises, the next attempt sees "cannot unpack…" instead of the cause."""
    small.texts = documents("a")
    ran = small.run(kind(lambda *_: said))
    (lost,) = ran.rows("failed/told.jsonl")
    assert lost["failure"]["kind"] == kind_
    assert words in lost["failure"]["message"]
    assert words in ran.asked.messages["m-a"][-1][-1]["content"]


def test_a_missing_prompt_file_is_found_before_anything_is_asked(small: Small) -> None:
    """4.9, 1.0: without the prompt every item fails, and the run ends well with no data."""
    small.change("spec.yaml", "prompt: tell.yaml", "prompt: other/tell.yaml")
    ran = small.run()
    assert ran.code == 1
    assert asked(ran) == {}
    assert "ATK001" in small.codes()


def test_an_empty_dataset_is_told_of(small: Small) -> None:
    """4.9: with all items lost the run completes, and training would be started on nothing."""
    ran = small.run(lambda _, messages: NO if judging(messages) else "")
    assert ran.code == 0
    assert values(ran, "no.jsonl", "source") == ["a.txt", "b.txt", "c.txt"]
    assert ran.rows("out.jsonl") == []
    assert "no record reached `out.jsonl`" in json.dumps(manifest(ran.folder)["warnings"])
    small.change("spec.yaml", "path: out.jsonl, with", "path: out.jsonl, empty: error, with")
    assert small.run(lambda _, messages: NO if judging(messages) else "").code != 0


def test_a_provider_that_refuses_stops_the_run(tmp_path: Path, serve: Serve) -> None:  # noqa: F811
    """4.9: with a wrong key every item fails after six tries, and no step stops."""
    project = make_project(tmp_path)
    server = serve("--key-env", "SERVED", SERVED="sk-right")
    done = project.run(*server.models(), "--set=key=MINE", MINE="sk-wrong")
    assert (done.code, server.requests <= 4) == (1, True)  # the probes
    assert "ATK701" in done.err
    assert files(project.output) == {}


def test_two_runs_from_nothing_write_the_same_bytes(tmp_path: Path) -> None:
    """4.9: variations, noise, shuffles and samples are drawn without a seed."""
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(files(Small(tmp_path / name, documents("a", "b")).run().folder))
    assert made[0] == made[1]


# ---- files of an earlier run


def test_a_rerun_leaves_no_stale_file(small: Small) -> None:
    """2.7 #9: files of an earlier target stay, and are rendered and trained on again."""
    small.run()
    small.change("spec.yaml", "path: out.jsonl", "path: other.jsonl")
    ran = small.run()
    assert not (ran.folder / "out.jsonl").exists()
    assert len(ran.rows("other.jsonl")) == 3


# ---- section 1.0


def test_a_retry_tells_the_model_what_was_wrong(small: Small) -> None:
    """1.0: the parser's message is passed on, but no shipped prompt uses it."""
    small.texts = documents("a")
    ran = small.run(kind(once("no tag", lambda marker: f"<told>At last {marker}.</told>")))
    assert values(ran, "out.jsonl", "told") == ["At last m-a."]
    *_, said, why = ran.asked.messages["m-a"][-1]
    assert said == {"role": "assistant", "content": "no tag"}
    assert "`told` is missing" in why["content"]


@pytest.mark.parametrize("resample", [0, 1, 2, 5])
def test_attempts_are_as_many_as_the_spec_says(small: Small, resample: int) -> None:
    """1.0: three attempts of a step times two inside make six calls for what never parses."""
    small.texts = documents("a")
    small.change("spec.yaml", "resample: 2", f"resample: {resample}")
    ran = small.run(kind(lambda *_: "no tag"))
    assert asked(ran) == {"a": 1 + 1 + resample}


def test_rejected_chunks_do_not_come_back(small: Small) -> None:
    """1.2, 1.6: a later step reloads the shared file, with all that was judged unsuitable."""
    small.texts = documents(*"abcdefghij")

    def reply(marker: str, messages: list[dict[str, str]]) -> str:
        if judging(messages):
            return NO if marker in ("m-b", "m-d", "m-f", "m-h", "m-j") else YES
        return tell(marker, messages)

    for _ in range(2):  # nor on the second run, which reads what is there
        ran = small.run(reply)
        assert ran.ledger("told")["came"] == 5
        assert values(ran, "out.jsonl", "source") == [f"{n}.txt" for n in "acegi"]
        assert values(ran, "no.jsonl", "source") == [f"{n}.txt" for n in "bdfhj"]
        assert values(ran, "no.jsonl", "reasons") == [["Empty."]] * 5
