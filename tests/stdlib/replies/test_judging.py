"""Verdicts: whole words of a closed set, on the verdict line, never negated, never two."""

from __future__ import annotations

import pytest
import yaml

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, parse_contract
from atkc.stdlib.replies import parse_reply


def contract(text: str) -> Contract:
    found = parse_contract(yaml.safe_load(text), {})
    assert isinstance(found, Contract), found
    return found


PASS = contract("{format: verdict, reason: true, verdict: {values: {good: [PASS], bad: [FAIL]}}}")
FIT = contract(
    "{format: verdict, verdict: {section: Verdict, values: {good: [Suitable], bad: [Unsuitable]}}}"
)
PHRASE = contract(
    """{format: verdict, verdict: {section: Verdict,
    values: {good: [Suitable], bad: [Not suitable], half: [Partially suitable]}}}"""
)
FILTER = contract(
    "{format: verdict, verdict: {section: Verdict, values: {pass: [SUITABLE], fail: [UNSUITABLE]}}}"
)
THREE = contract(
    "{format: verdict, verdict: {section: Verdict, values: {pass: [PASS], mend: [M], fail: [F]}}}"
)
GERMAN = contract(
    "{format: verdict, verdict: {section: Urteil, values: {good: [Geeignet], bad: [Ungeeignet]}}}"
)
CHINESE = contract(
    "{format: verdict, verdict: {section: 结论, values: {good: [合适], bad: [不合适]}}}"
)
ARABIC = contract(
    "{format: verdict, verdict: {section: الحكم, values: {good: [مناسب], bad: [غير مناسب]}}}"
)
REPAIR = contract(
    """
format: sections
reason: true
verdict: {section: Final judgment, values: {pass: [PASS], reword: [REWORD], fail: [FAIL]}}
fields:
  reworded: {when: reword, sections: {question: Question, answer: Answer}, refuse: [the provided]}
"""
)


@pytest.mark.parametrize(
    ("known", "text", "verdict"),
    [
        (PASS, "**Final judgment:** PASS", "good"),
        (PASS, "Final Judgment: fail.", "bad"),
        (PASS, "### Final judgment\n\nPASS", "good"),
        (PASS, "It would PASS.\n\n**Final judgment:** **FAIL**", "bad"),
        (PASS, "**Final judgment:** `PASS` because all is there.", "good"),
        (PASS, "**Final judgment:** PASS, not FAIL.", "good"),
        (PASS, "**Final judgment:** FAIL; it does not PASS", "bad"),
        (PASS, "**Final judgment:** FAIL\nIt could PASS with another answer.", "bad"),
        (PASS, "Final judgment: let me see.\nFinal judgment: PASS", "good"),
        (PASS, "<think>Final judgment: FAIL</think>Final judgment: PASS", "good"),
        (FIT, "Verdict: Suitable", "good"),
        (FIT, "Verdict: UNSUITABLE", "bad"),
        (FIT, "This is not a table of contents.\nVerdict: suitable", "good"),
        (FIT, "Verdict: this is not a table of contents, it is suitable", "good"),
        (PHRASE, "Verdict: Not suitable", "bad"),
        (PHRASE, "Verdict: not  Suitable.", "bad"),
        (PHRASE, "Verdict: partially suitable", "half"),
        (FILTER, "Verdict: Not suitable", "fail"),
        (FILTER, "Verdict: **not** suitable.", "fail"),
        (FILTER, "Verdict: it isn’t suitable", "fail"),
        (FILTER, "Verdict: nicht SUITABLE", "fail"),
        (FILTER, "Verdict: not suitable, hence UNSUITABLE", "fail"),
        (FILTER, "Verdict: SUITABLE, not unsuitable", "pass"),
        (FILTER, "Verdict: no, SUITABLE", "pass"),
        (GERMAN, "**Urteil:** geeignet", "good"),
        (GERMAN, "**Urteil:** UNGEEIGNET", "bad"),
        (CHINESE, "**结论：** 合适。", "good"),
        (CHINESE, "结论：不合适", "bad"),
        (ARABIC, "**الحكم:** مناسب", "good"),
        (ARABIC, "**الحكم:** غير مناسب", "bad"),
    ],
)
def test_the_verdict(known: Contract, text: str, verdict: str) -> None:
    assert parse_reply(known, text)[0]["verdict"] == verdict


@pytest.mark.parametrize(
    ("known", "text", "kind"),
    [
        (FIT, "Verdict: Not suitable", "no-verdict"),
        (FIT, "Verdict: not really very suitable", "no-verdict"),
        (FIT, "Verdict: it isn’t suitable", "no-verdict"),
        (FIT, "Verdict: un-suitable", "no-verdict"),
        (FILTER, "Verdict: not unsuitable", "no-verdict"),
        (FILTER, "Verdict: not only suitable", "no-verdict"),
        (FILTER, "Verdict: neither suitable nor unsuitable", "no-verdict"),
        (FILTER, "Verdict: suitable or not suitable", "ambiguous-verdict"),
        (FILTER, "Verdict: mostly suitable", "ambiguous-verdict"),
        (THREE, "Verdict: not PASS", "no-verdict"),
        (FIT, "Verdict: suitability unclear", "no-verdict"),
        (FIT, "Verdict: mostly suitable", "ambiguous-verdict"),
        (FIT, "Verdict: partially\nsuitable", "no-verdict"),
        (FIT, "It is suitable.", "no-verdict"),
        (FIT, "Verdict:", "no-verdict"),
        (PASS, "**Final judgment:** one of PASS, FAIL", "ambiguous-verdict"),
        (PASS, "**Final judgment:** PASS/FAIL", "ambiguous-verdict"),
        (PASS, "**Final judgment:** PASSED", "no-verdict"),
        (PASS, "Final judgment: PASS\nFinal judgment: FAIL", "ambiguous-verdict"),
        (GERMAN, "Urteil: nicht geeignet", "no-verdict"),
        (CHINESE, "结论：这段话合适", "no-verdict"),
        (ARABIC, "الحكم: ليس مناسب مناسبة", "no-verdict"),
    ],
)
def test_no_verdict_or_two(known: Contract, text: str, kind: str) -> None:
    with pytest.raises(ReplyError) as found:
        parse_reply(known, text)
    assert found.value.kind == kind


def test_the_reason_is_kept() -> None:
    text = "It names the date.\n\nQuestion: fine.\n\n**Final judgment:** PASS"
    assert parse_reply(PASS, text) == [
        {"reason": "It names the date.\n\nQuestion: fine.", "verdict": "good"}
    ]


def test_a_variant_is_read_behind_the_verdict_only() -> None:
    text = """The pair says:
Question: What does the text say?
Answer: Much.
**Final judgment:** REWORD
**Question:** What does the harbour law say?
**Answer:** Ships pay."""
    found = parse_reply(REPAIR, text)[0]
    assert found["verdict"] == "reword"
    assert found["reworded"] == {
        "question": "What does the harbour law say?",
        "answer": "Ships pay.",
    }
    assert found["reason"].endswith("Answer: Much.")


def test_a_variant_that_is_not_called_for_is_null() -> None:
    found = parse_reply(REPAIR, "Fine.\n**Final judgment:** PASS\n**Question:** x")
    assert found == [{"reason": "Fine.", "verdict": "pass", "reworded": None}]


@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        ("**Question:** a", "missing-field"),
        ("**Question:** a\n**Answer:** In the provided text", "refusal"),
        ("**Question:** a\n**Answer:** b\n**Question:** c", "too-many"),
    ],
)
def test_variants_that_fail(tail: str, kind: str) -> None:
    with pytest.raises(ReplyError) as found:
        parse_reply(REPAIR, "**Final judgment:** REWORD\n" + tail)
    assert found.value.kind == kind
