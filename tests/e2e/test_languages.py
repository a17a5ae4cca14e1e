"""Documents in German, Chinese and Arabic go through whole, in their own letters."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.echoing import answering, completion
from tests.e2e.kit import Project

QUESTIONS = {
    "german": "Wer überquert den Fluss?",
    "chinese": "海港是哪一年建立的？",
    "arabic": "متى تأسس الميناء؟",
}
TEXTS = {
    "german": """\
Die Fähre »Grüße« überquert den Fluss seit 1911. Größere Schiffe müssen warten, weil die Schleuse
nur 12 m breit ist. Der Schleusenwärter heißt Jürgen Weiß.
""",
    "chinese": """\
海港于1850年由约翰·史密斯建立。它有四个码头和十一台起重机。
最大的起重机建于1999年，因为船只变得更大。港务长住在塔街。
""",
    "arabic": """\
تأسس الميناء عام 1850 على يد جون سميث. يحتوي على أربعة أرصفة وإحدى عشرة رافعة.
بُنيت أكبر رافعة عام 1999 لأن السفن أصبحت أكبر. 👩‍🚀
""",
}


def bare(text: str) -> str:
    """Return a text without white space, which lies between chunks."""
    return "".join(text.split())


@pytest.mark.parametrize("language", TEXTS)
def test_text_comes_out_as_it_went_in(project: Project, language: str) -> None:
    text, question = TEXTS[language], QUESTIONS[language]

    def answer(_key: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        asked = request["messages"][-1]["content"]
        passage = re.search(r'"""\n(.*?)\s*"""', asked, re.DOTALL)
        assert passage is not None
        if "exam questions" in asked:
            return completion(f"{passage[1]}\n\nFinal judgment: SUITABLE")
        return completion(f"**Question:** {question}\n**Answer:** {passage[1]}")

    project.write(f"own/{language}.txt", text)
    with answering(answer) as url:
        done = project.run(
            *("--set=documents=own", f"--set=api_base={url}"),
            *("--set=writer=openai/x", "--set=judge=openai/x"),
        )
    assert (done.code, done.err) == (0, "")
    texts, pairs = project.rows("texts.jsonl"), project.rows("sft/pairs.jsonl")
    assert bare("".join(row["text"] for row in texts)) == bare(text)
    turns = [turn["value"] for pair in pairs for turn in pair["conversations"]]
    assert turns[0] == question
    assert bare("".join(turns[1::2])) == bare(text)
    raw = (project.output / "sft/pairs.jsonl").read_bytes()
    assert question.encode() in raw
    assert b"\\u" not in raw
    assert json.loads(raw.splitlines()[0])
