"""A clean folder has no findings; what was changed after the run is found; all are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atkc.runtime.errors import InputError
from atkc.stdlib.readiness.examining import examine
from tests.stdlib.readiness.kit import Folder, Plant, reply, sound, talk

PLAIN = "plain/talks.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return sound(tmp_path / "out")


def test_a_clean_folder_has_no_findings(folder: Folder) -> None:
    folder.write()
    report = examine(folder.root)
    assert [(d.code, str(d.span), d.message) for d in report.findings] == []
    assert (report.files, report.records) == (7, 13)


def edit(path: str, old: str, new: str) -> Plant:
    def change(folder: Folder) -> None:
        place = folder.root / path
        place.write_text(place.read_text("utf-8").replace(old, new, 1), encoding="utf-8")

    return change


CONFIG = "sft/train.yaml"
# what is done to the folder after the run -> all codes and places
LATER: dict[str, tuple[Plant, list[tuple[str, str]]]] = {
    "edited": (edit("sft/talks.jsonl", "1852", "1853"), [("ATK801", "sft/talks.jsonl")]),
    "gone": (
        lambda f: (f.root / "sft/talks.jsonl").unlink(),
        [("ATK801", "sft/talks.jsonl"), ("ATK830", CONFIG)],
    ),
    "more": (lambda f: (f.root / "sft/old.jsonl").touch(), [("ATK802", "sft/old.jsonl")]),
    "what training writes": (
        lambda f: (
            (f.root / "sft/finetune-model-output").mkdir()
            or (f.root / "sft/finetune-model-output/model.bin").touch()
        ),
        [],
    ),
    "another path": (
        edit(CONFIG, "path: talks.jsonl", "path: talk.jsonl"),
        [("ATK801", CONFIG), ("ATK830", CONFIG)],
    ),
    "another field": (
        edit(CONFIG, "field: text", "field: body"),
        [("ATK801", CONFIG), ("ATK831", CONFIG)],
    ),
    "another type": (
        edit(CONFIG, "type: completion\n  field: text", "type: input_output"),
        [("ATK801", CONFIG), ("ATK831", CONFIG)],
    ),
    "messages": (
        edit(CONFIG, "type: completion\n  field: text", "type: chat_template"),
        [("ATK801", CONFIG), ("ATK831", CONFIG)],
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_what_is_changed_after_the_run_is_found(folder: Folder, name: str) -> None:
    change, expected = LATER[name]
    folder.write()
    change(folder)
    assert [code_and_path(folder, d) for d in examine(folder.root).findings] == expected


def code_and_path(folder: Folder, found: Any) -> tuple[str, str]:
    return found.code, Path(found.span.path).relative_to(folder.root).as_posix()


def test_the_line_of_a_config_is_that_of_its_entry(folder: Folder) -> None:
    folder.write()
    edit(CONFIG, "path: chunks.jsonl", "path: absent.jsonl")(folder)
    (found,) = (d for d in examine(folder.root).findings if d.code == "ATK830")
    assert found.span
    written = (folder.root / CONFIG).read_text("utf-8").splitlines()
    assert "absent.jsonl" in written[found.span.line - 1]


def test_an_empty_file_is_found_and_left_out_of_the_config(folder: Folder) -> None:
    folder.lines["sft/talks.jsonl"].clear()
    folder.write()
    (found,) = examine(folder.root).findings
    assert code_and_path(folder, found) == ("ATK803", "sft/talks.jsonl")


def test_few_are_shown_and_all_are_counted(folder: Folder) -> None:
    folder.put(PLAIN, "sharegpt", [talk(("human", f"Who is {n}?")) for n in range(9)])
    folder.write()
    report = examine(folder.root, examples=2)
    assert len(report.findings) == 2
    assert report.counts == {("ATK810", str(folder.root / PLAIN)): 9}


def test_lengths_are_counted_by_config(folder: Folder) -> None:
    folder.put("sft/chunks.jsonl", "completion", [{"text": "word " * n} for n in (5, 40, 90, 250)])
    folder.options["sequence_len"] = 100
    folder.write()
    report = examine(folder.root)
    (told,) = (x for x in report.lengths if x.file == "sft/chunks.jsonl")
    assert told.bounds() == ["<=12", "<=25", "<=50", "<=100", "<=200", "more"]
    assert told.counts == [1, 0, 1, 1, 0, 1]
    assert (told.records, told.longer) == (4, 1)
    assert report.counts == {}  # plain text is cut without loss


# What looks like a fault and is none.
@pytest.mark.parametrize(
    "answer",
    [
        "Write ${misc:Depends} into the field.",  # what shells and makefiles fill in
        "Tarn Hill",
        "The harbour master, who has lived on Tower Street since 1999, says “it is safe”",
        "Use this:\n\n```jinja\n{{ name }} {context}\n```",
        "Write `{{ name }}` there, and the word stands in its place.",
        "Three ways:\n1. by the road that leads over the old bridge\n2. by the ferry from the town",
        "Sources Used:\n- a-very-long-name of a file which has many words in it.txt",
        "It costs {1, 2, 3}[0] or $5.",
        "He struck it <s>out</s>.",
        "They left at noon…",
        "港口始建于1850年。",
    ],
)
def test_a_sound_reply_is_left_alone(folder: Folder, answer: str) -> None:
    reply(answer)(folder)
    folder.write()
    assert [d.message for d in examine(folder.root).findings] == []


@pytest.mark.parametrize(("name", "rows"), [("x.parquet", 1), ("x.csv", 2)])
def test_tables_are_read_too(folder: Folder, name: str, rows: int) -> None:
    from atkc.stdlib.exporters import EXPORTERS

    folder.put(f"plain/{name}", "completion", [])
    folder.write()
    kind = name.partition(".")[2]
    texts = [{"text": "It is {context}."}, {"text": "It is deep."}]
    options = {"columns": {}, "tokenizer": "chars4", "delimiter": ","}
    EXPORTERS[kind][1](iter(texts), folder.root / "plain" / name, options)
    found = [(d.code, d.span.line) for d in examine(folder.root).findings if d.span]
    assert ("ATK818", rows) in found


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_a_table_that_is_none_is_found(folder: Folder, name: str) -> None:
    folder.put(f"plain/{name}", "completion", [])
    folder.write()
    (folder.root / "plain" / name).write_bytes(b"a,b\n\xff\xfe\n")
    assert ("ATK804", f"plain/{name}") in [
        code_and_path(folder, d) for d in examine(folder.root).findings
    ]


@pytest.mark.parametrize("body", [None, "{", "{}", '{"atkc_manifest": 1, "files": [{}]}'])
def test_a_folder_without_a_manifest_is_refused(tmp_path: Path, body: str | None) -> None:
    if body is not None:
        (tmp_path / "manifest.json").write_text(body, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        examine(tmp_path)
    assert caught.value.diagnostic.code == "ATK800"
