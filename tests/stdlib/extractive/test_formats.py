"""Every form of reply, as the instructions, the response format or plain words ask for it."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from atkc.spec.contract import instructions, response_format
from atkc.stdlib.extractive.model import complete
from tests.stdlib.extractive.asking import PAIRS, VERDICT, ask, ask_json, contract_of
from tests.stdlib.extractive.passages import PASSAGES

TEXT = f"Text:\n{PASSAGES['lichen']}\n\n"


def test_sections_with_headings_as_written() -> None:
    fields = {"question": {"section": "Exam question"}, "answer": {"section": "Model answer"}}
    reply = {"format": "sections", "each": {"min": 2, "max": 2}, "fields": fields}
    text = ask(TEXT + "Write exam questions.", reply)
    heads = re.findall(r"^\*\*([^*]+):\*\* \S", text, re.MULTILINE)
    assert heads == ["Exam question", "Model answer"] * 2


def test_tags() -> None:
    text = ask(TEXT + "List the facts.", {"format": "tags", "fields": {"facts": "[string]"}})
    rows = re.fullmatch(r"<facts>\n(.*)\n</facts>", text, re.DOTALL)
    assert rows
    assert all(row.startswith("- ") for row in rows[1].split("\n"))


def test_list() -> None:
    reply = {"format": "list", "each": {"min": 3, "max": 5}, "fields": {"fact": "string"}}
    rows = ask(TEXT + "List every fact.", reply).split("\n")
    assert [r.split(" ")[0] for r in rows] == ["1.", "2.", "3.", "4.", "5."]


def test_json_object_of_typed_fields() -> None:
    fields = {
        "question": "string", "answer": "string", "year": "integer", "share": "number",
        "keywords": "[string]", "difficulty": "one of easy | hard", "answerable": "boolean",
        "source": {"type": {"sentence": "string", "number": "integer"}}, "zzz": "string",
    }  # fmt: skip
    found = ask_json(TEXT + "Write a question.", {"format": "json", "fields": fields})
    assert list(found) == list(fields)
    assert found["year"] == 1867
    assert isinstance(found["share"], int | float)
    assert found["keywords"]
    assert found["difficulty"] in ("easy", "hard")
    assert found["answerable"] is True
    assert set(found["source"]) == {"sentence", "number"}
    assert found["zzz"]


@pytest.mark.parametrize("mode", ["schema", "json"])
def test_a_response_format_decides(mode: str) -> None:
    contract = contract_of(PAIRS)
    form = response_format(contract, mode)
    assert form is not None
    user = TEXT + "Write questions.\n\n" + instructions(contract, mode)
    found = json.loads(complete([{"role": "user", "content": user}], form, 0).text)
    assert list(found) == ["items"]
    assert set(found["items"][0]) == {"question", "answer"}


def test_a_schema_without_instructions_is_followed() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "count": {"type": "integer"},
            "ok": {"type": "boolean"},
            "level": {"enum": ["low", "high"]},
            "quiz": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/Pair"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["title", "count", "ok", "level", "quiz", "note"],
        "additionalProperties": False,
        "$defs": {
            "Pair": {
                "type": "object",
                "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["question", "answer"],
                "additionalProperties": False,
            }
        },
    }
    form = {"type": "json_schema", "json_schema": {"name": "quiz", "schema": schema}}
    user = TEXT + "Make a quiz of two questions."
    found = json.loads(complete([{"role": "user", "content": user}], form, 1).text)
    jsonschema.Draft202012Validator(schema).validate(found)
    assert len({p["question"] for p in found["quiz"]}) >= 2


@pytest.mark.parametrize(
    ("values", "good", "bad"),
    [
        ({"pass": ["Suitable"], "fail": ["Unsuitable"]}, "Suitable", "Unsuitable"),
        ({"no": ["REJECT"], "yes": ["ACCEPT"]}, "ACCEPT", "REJECT"),
        ({"a": ["gold"], "b": ["lead"]}, "gold", "lead"),
        ({"x": ["not suitable"], "y": ["suitable"]}, "suitable", "not suitable"),
    ],
)
def test_verdict_words(values: dict[str, list[str]], good: str, bad: str) -> None:
    reply = {**VERDICT, "verdict": {"section": "Ruling", "values": values}}
    contents = "Contents\n\nOrigins ........ 3\nLocks ........ 17\nDecline ........ 40\n"
    assert ask(TEXT + "Is this worth asking about?", reply).endswith(f"**Ruling:** {good}")
    poor = ask(f"Text:\n{contents}\nIs this worth asking about?", reply)
    assert poor.endswith(f"**Ruling:** {bad}")
    assert "Origins" in poor.split("**Ruling")[0]


def test_a_variant_is_filled_under_its_verdict_alone() -> None:
    values = {"pass": ["PASS"], "reword": ["REWORD"], "fail": ["FAIL"]}
    reworded = {"when": "reword", "sections": {"question": "Question", "answer": "Answer"}}
    reply = {
        "format": "sections",
        "verdict": {"section": "Final judgment", "values": values},
        "fields": {"reworded": reworded},
    }
    request = "\n\nDecide whether the pair can be understood without the passage."

    def judged(question: str, answer: str) -> str:
        return ask(f"Question: {question}\nAnswer: {answer}{request}", reply)

    assert judged("What do reindeer eat?", "Lichens.") == "**Final judgment:** PASS"
    text = judged("According to the text, what do reindeer eat?", "Lichens.")
    assert "**Final judgment:** REWORD\n\n**Question:** What do reindeer eat?" in text
    assert judged("What does the author think of it?", "Nothing.") == "**Final judgment:** FAIL"


def test_forms_in_a_persons_own_words() -> None:
    system = "Reply under the headings **QUESTION:** and **ANSWER:** and add nothing."
    text = ask(TEXT + "Ask something about it.", system=system)
    assert re.match(r"\*\*QUESTION:\*\* .+\?\n\n\*\*ANSWER:\*\* .+\.$", text)
    answer = "Question: What do reindeer eat?\nAnswer: Reindeer eat moss.\n\n"
    ruled = ask(f"{TEXT}{answer}Is the answer right? Reply with one word, yes or no.")
    assert ruled == "no"


def test_a_retry_after_a_bad_reply_still_finds_the_task() -> None:
    user = TEXT + "Write questions.\n\n" + instructions(contract_of(PAIRS))
    messages = [
        {"role": "user", "content": user},
        {"role": "assistant", "content": "Sorry?"},
        {"role": "user", "content": "Your reply is not JSON; send it again in the form asked for."},
    ]
    assert json.loads(complete(messages, None, 3).text)[0]["answer"] in PASSAGES["lichen"]


@pytest.mark.parametrize(
    "text", ["", "   \n", "?", "x" * 5000, "{{}}", "<a></b>", "\U0001f600" * 40]
)
@pytest.mark.parametrize(
    "reply", [PAIRS, VERDICT, {"format": "list", "fields": {"facts": "[string]"}},
              {"format": "tags", "fields": {"rewrite": "string", "n": "integer"}},
              {"format": "text", "fields": {"text": "string"}}, None],
)  # fmt: skip
def test_odd_texts_do_not_break_it(text: str, reply: dict[str, Any] | None) -> None:
    for request in ("Write three questions.", "Is it worth asking about?", "Rewrite it.", ""):
        assert isinstance(ask(f"Text:\n{text}\n\n{request}", reply), str)
