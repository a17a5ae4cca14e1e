"""Each fault that is planted in an output folder is found, once and at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from atkc.stdlib.readiness.examining import examine
from tests.stdlib.readiness.kit import (
    CHUNKS,
    HELD,
    TALKS,
    Folder,
    Plant,
    line,
    masked,
    pair,
    record,
    reply,
    segments,
    sharegpt,
    short_take,
    sound,
    talk,
    text,
)

LONG = "word " * 400 + "end."
HEAD = (
    "Instruction: You know the harbour well. **Finished.**\nHuman: How deep is it? **Finished.**\n"
)
PLAIN, MASKED, DONE = "plain/talks.jsonl", "sft/masked.json", "sft/talks.jsonl"


def again(folder: Folder) -> None:
    """Say the first conversation again, in capitals and wider."""
    said = [{**t, "content": t["content"].upper().replace(" ", "  ")} for t in TALKS[0]]
    folder.lines[PLAIN].append(line(sharegpt(said)))


def held_out_by_config(folder: Folder) -> None:
    folder.options["test_files"] = ["sft/chatml*"]
    record(DONE, text(TALKS[1]))(folder)


FAULTS: dict[str, tuple[Plant, str, str]] = {
    # name: what is planted, the code, the place
    "assistant first": (
        record(PLAIN, talk(("gpt", "It is."), ("human", "So?"))),
        "ATK810",
        f"{PLAIN}:1",
    ),
    "twice the user": (
        record(PLAIN, talk(("human", "A?"), ("human", "B?"), ("gpt", "C."))),
        "ATK810",
        f"{PLAIN}:1",
    ),
    "late system": (
        record(PLAIN, talk(("human", "A?"), ("gpt", "C."), ("system", "B"))),
        "ATK810",
        f"{PLAIN}:1",
    ),
    "no answer": (record(PLAIN, talk(("human", "Who knows?"))), "ATK810", f"{PLAIN}:1"),
    "no turns": (record(PLAIN, talk()), "ATK810", f"{PLAIN}:1"),
    "roles, rendered": (
        record(DONE, {"text": "AI: It is deep. **Finished.**\nHuman: How deep? **Finished.**"}),
        "ATK810",
        f"{DONE}:1",
    ),
    "empty turn": (record(PLAIN, talk(("human", "Who?"), ("gpt", " \n"))), "ATK811", f"{PLAIN}:1"),
    "empty turn, rendered": (
        record(DONE, {"text": HEAD + "AI:  **Finished.**"}),
        "ATK811",
        f"{DONE}:1",
    ),
    "mask within a word": (
        masked((False, HEAD + "AI: It is de"), (True, "ep. **Finished.**")),
        "ATK812",
        f"{MASKED}:2",
    ),
    "mask within the header": (
        masked((False, HEAD + "AI"), (True, ": It is deep. **Finished.**")),
        "ATK812",
        f"{MASKED}:2",
    ),
    "nothing trained": (
        masked((False, HEAD + "AI: It is deep. **Finished.**")),
        "ATK813",
        f"{MASKED}:2",
    ),
    "nothing masked": (
        masked((True, HEAD + "AI: It is deep. **Finished.**")),
        "ATK813",
        f"{MASKED}:2",
    ),
    "within a sentence": (
        reply("The crane was built in 1999 by the company because the"),
        "ATK814",
        f"{PLAIN}:1",
    ),
    "after a comma": (
        reply("The crane was built in 1999 by the old company, however,"),
        "ATK814",
        f"{PLAIN}:1",
    ),
    "open code": (reply("So:\n```python\nx = 1"), "ATK814", f"{PLAIN}:1"),
    "open quotation": (
        reply("The master said “no ship leaves before noon."),
        "ATK814",
        f"{PLAIN}:1",
    ),
    "cut-off mark": (reply("It has four quays. [truncated]"), "ATK814", f"{PLAIN}:1"),
    "no end mark": (record(DONE, {"text": HEAD + "AI: It is deep."}), "ATK814", f"{DONE}:1"),
    "two marks of the beginning": (
        record(DONE, {"text": "<s><s>" + text(TALKS[0])["text"]}),
        "ATK815",
        f"{DONE}:1",
    ),
    "mark of the beginning": (
        record(DONE, {"text": "<s>" + text(TALKS[0])["text"]}),
        "ATK815",
        f"{DONE}:1",
    ),
    "mark in a message": (reply("<|begin_of_text|>The crane is old."), "ATK815", f"{PLAIN}:1"),
    "two marks in segments": (
        masked((False, "<s><s>" + HEAD), (True, "AI: Yes. **Finished.**")),
        "ATK815",
        f"{MASKED}:2",
    ),
    "template": (reply("It is in {{ city }}."), "ATK816", f"{PLAIN}:1"),
    "placeholder": (reply("It lies in {context}."), "ATK816", f"{PLAIN}:1"),
    "shouted placeholder": (reply("It lies in !!PLACEHOLDER!!."), "ATK816", f"{PLAIN}:1"),
    "reasoning": (reply("<think>I guess.</think> It is old."), "ATK816", f"{PLAIN}:1"),
    "expression": (reply("It lies in ${params.city}."), "ATK816", f"{PLAIN}:1"),
    "template in a document": (
        record("sft/chunks.jsonl", {"text": "Dear {{ name }}, you win."}),
        "ATK818",
        "sft/chunks.jsonl:1",
    ),
    "too long, masked": (
        record(MASKED, segments(pair("Tell me all about it?", LONG))),
        "ATK817",
        f"{MASKED}:2",
    ),
    "too long, rendered": (
        record(DONE, text(pair("Tell me all about it?", LONG))),
        "ATK817",
        f"{DONE}:1",
    ),
    "same record": (again, "ATK820", f"{PLAIN}:5"),
    "same text in another file": (
        lambda f: f.lines[DONE].append(line({"text": CHUNKS[1].replace(" ", "\n ")})),
        "ATK820",
        "sft/chunks.jsonl:2",
    ),
    "same question": (
        record(PLAIN, sharegpt(pair("who boards ships at the SKERRY buoy", "Nobody.")), 3),
        "ATK822",
        f"{PLAIN}:4",
    ),
    "same question in one talk": (
        record(
            PLAIN, sharegpt([*TALKS[0], TALKS[0][1], {"role": "assistant", "content": "In May."}])
        ),
        "ATK822",
        f"{PLAIN}:1",
    ),
    "held-out record": (record(DONE, text(HELD)), "ATK821", f"{DONE}:1"),
    "held-out question": (
        record(DONE, text(pair(HELD[1]["content"], "Silt, mostly."))),
        "ATK821",
        f"{DONE}:1",
    ),
    "held out by the config": (held_out_by_config, "ATK821", f"{DONE}:1"),
    "no JSON": (record(PLAIN, '{"conversations": ['), "ATK804", f"{PLAIN}:1"),
    "another format": (record(MASKED, {"text": "Plain."}, 1), "ATK804", f"{MASKED}:3"),
    "less drawn": (short_take, "ATK832", "manifest.json:1"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(tmp_path: Path, name: str) -> None:
    folder = sound(tmp_path)
    plant, code, place = FAULTS[name]
    plant(folder)
    folder.options["sequence_len"] = 300
    folder.write()
    report = examine(folder.root)
    assert [(d.code, f"{d.span.path}:{d.span.line}") for d in report.findings if d.span] == [
        (code, str(tmp_path / place))
    ]
    assert all(d.help for d in report.findings)
