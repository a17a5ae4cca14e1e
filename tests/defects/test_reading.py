"""Sections 1.0, 1.3, 1.4, 1.8: how replies are read, and what is sent to get them."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import yaml

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, instructions
from atkc.stdlib.replies import parse_reply
from tests.defects.kit import NO, YES, Small, asked, documents, judging, tell, values
from tests.recipes.kit import RECIPES
from tests.recipes.test_prompts import contract_of as whole_contract

PROMPTS = sorted((RECIPES / "factual/prompts").glob("*.yaml"))
CHECKS = ("worthwhile", "check_question_plain", "check_question_negative", "check_relevancy",
          "check_answer_plain", "check_answer_negative", "check_correction")  # fmt: skip


def contract_of(name: str) -> Contract:
    data = yaml.safe_load((RECIPES / f"factual/prompts/{name}.yaml").read_text(encoding="utf-8"))
    return whole_contract(data)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path, documents("a"))


# ---- verdicts


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("said", ["Not {}", "not {}.", "**Not {}**", "It isn't {}"])
def test_not_suitable_is_a_rejection(name: str, said: str) -> None:
    """1.8: "Not suitable" holds "suitable", and so a model that obeys is read as a pass."""
    contract = contract_of(name)
    assert contract.verdict
    line = said.format(contract.verdict.word("pass").lower())
    assert "NOT" not in str(contract.verdict.values)  # by no synonym
    assert parse_reply(contract, f"Hm.\n**Final judgment:** {line}")[0]["verdict"] == "fail"


@pytest.mark.parametrize(
    "said",
    [
        "This is not a table of contents.\n**Final judgment:** SUITABLE",
        "It is far from unsuitable.\n**Final judgment:** suitable",
        "**Final judgment:** SUITABLE, not UNSUITABLE",
    ],
)
def test_words_beside_the_verdict_do_not_decide(said: str) -> None:
    """1.8: "this is not a table of contents… suitable" is read as a rejection."""
    assert parse_reply(contract_of("worthwhile"), said)[0]["verdict"] == "pass"


@pytest.mark.parametrize(
    "heading", ["Final judgment:", "FINAL JUDGMENT:", "### Final Judgment\n", "**final judgment:**"]
)
def test_a_heading_is_found_in_any_case(heading: str) -> None:
    """1.4: the accuracy check finds its heading in one spelling, and else counts a no."""
    found = parse_reply(contract_of("check_answer_plain"), f"True.\n{heading} accurate")
    assert found[0]["verdict"] == "pass"


def test_a_reply_without_a_verdict_is_no_rejection(small: Small) -> None:
    """1.3: where no verdict word is found the chunk is refused, without another try."""
    ran = small.run(lambda _, m: "It reads well." if judging(m) else tell("m-a", m))
    assert ran.rows("no.jsonl") == []
    (lost,) = ran.rows("failed/good.jsonl")
    assert lost["failure"]["kind"] == "no-verdict"
    assert asked(ran) == {"a": 3}


def test_an_unreadable_ballot_is_asked_again(small: Small) -> None:
    """1.4: any trouble of the parser counts as a vote against."""
    ran = small.run(lambda _, m: (YES if len(m) > 1 else "Hm.") if judging(m) else tell("m-a", m))
    assert values(ran, "out.jsonl", "source") == ["a.txt"]


def test_a_tie_of_votes_does_not_pass(small: Small) -> None:
    """4.3: a vote of one to one passes."""
    small.change("spec.yaml", "as: worth", "as: worth, votes: 2")
    said = iter([YES, NO])
    ran = small.run(lambda _, m: next(said) if judging(m) else tell("m-a", m))
    assert ran.ledger("good")["filtered"] == 1


# ---- other replies


@pytest.mark.parametrize("lines", [23, 10_000])
@pytest.mark.parametrize("name", ["ask_openended", "ask_followup", "rag_found"])
def test_a_reply_without_an_answer_heading_is_read_in_linear_time(name: str, lines: int) -> None:
    """1.3: a question without its answer doubles the time with every newline; 23 take 30 s."""
    with pytest.raises(ReplyError) as found:
        parse_reply(contract_of(name), "**QUESTION:** Why?" + "\n" * lines + "**ANSWER**x")
    assert found.value.kind == "missing-field"


def test_a_thought_that_names_the_tag_does_not_poison_the_rewrite() -> None:
    """1.2: what follows the first `<rewrite>` is taken, also where a thought mentions the tag."""
    said = "<think>I must write <rewrite> first. No.</think>\n<rewrite>It has a roof.</rewrite>"
    assert parse_reply(contract_of("rewrite_essay"), said) == [{"rewrite": "It has a roof."}]


def test_a_mistake_in_a_thought_is_not_read() -> None:
    """1.6: the thinking is not taken out, and the first of each tag counts."""
    tags = ("initial_question", "flawed_answer", "followup_confirmation", "correct_answer")
    draft, said = ("".join(f"<{tag}>{text}</{tag}>" for tag in tags) for text in ("draft", "right"))
    found = parse_reply(contract_of("correction"), f"<think>{draft}</think>{said}")
    assert found == [dict.fromkeys(tags, "right")]


def test_a_reply_without_the_tag_is_no_thought() -> None:
    """1.7: without the tag the whole reply is the thought."""
    with pytest.raises(ReplyError):
        parse_reply(contract_of("think"), "Sure, what shall I think of?")


@pytest.mark.parametrize("name", ["atomic_facts", "inferred_facts"])
@pytest.mark.parametrize("said", ["", "Nothing can be listed.", "<facts></facts>"])
def test_no_facts_is_a_failure_and_not_an_empty_text(name: str, said: str) -> None:
    """1.2: facts that are not found are an empty text, which every check accepts."""
    with pytest.raises(ReplyError):
        parse_reply(contract_of(name), said)


def test_inferred_facts_are_read_by_their_own_contract() -> None:
    """1.2: inferred facts are parsed by what looks for the other tag."""
    found = parse_reply(contract_of("inferred_facts"), "They follow:\n1. One.\n2. Two.")
    assert found == [{"inferred": ["One.", "Two."]}]


@pytest.mark.parametrize("said", ["Nothing to ask.", "**Question:** What is it?"])
@pytest.mark.parametrize("name", ["ask_openended", "rag_found", "rag_missing"])
def test_no_pairs_is_a_failure(name: str, said: str) -> None:
    """1.3, 1.5: an empty list of pairs counts as success, and is asked for at every start."""
    with pytest.raises(ReplyError):
        parse_reply(contract_of(name), said)


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda p: p.stem)
def test_every_prompt_asks_for_the_form_that_its_parser_reads(prompt: Path) -> None:
    """1.4: local check prompts do not ask for the headings without which every vote is a no."""
    contract = contract_of(prompt.stem)
    told = instructions(contract)
    labels = [part.label for part in contract.parts]
    labels += [contract.verdict.label] if contract.verdict else []
    if contract.format != "list":
        assert all(label in told for label in labels)
    if contract.verdict:
        assert all(contract.verdict.word(value) in told for value, _ in contract.verdict.values)


# ---- what is sent


@pytest.mark.parametrize(("mode", "key"), [("chat", "messages"), ("completion", "prompt")])
def test_a_reply_is_read_alike_in_chat_and_completion_mode(
    small: Small, mode: str, key: str
) -> None:
    """1.0: what a step extracts by pattern is applied to plain completions only."""
    small.change("spec.yaml", 'revision: "1"', f'revision: "1", mode: {mode}')
    requests = _recorded(small)
    assert all(key in request for request in requests)


@pytest.mark.parametrize(
    ("sampling", "sent"),
    [
        ("temperature: 0.5", {}),
        ("stop: [END]", {"stop": ["END"]}),
        ("top_p: 0.9", {"top_p": 0.9}),
        ("presence_penalty: 0.5", {"presence_penalty": 0.5}),
        ("min_p: 0.1", {"min_p": 0.1}),
        ("top_k: 40", {"top_k": 40}),
        ("max_tokens: 77", {"max_tokens": 77}),
    ],
)
def test_what_is_sent_is_what_the_spec_says(
    small: Small, sampling: str, sent: dict[str, Any]
) -> None:
    """1.0: ten to thirteen stop texts go out with every call, and other parameters never do."""
    if sampling not in small.files["spec.yaml"]:
        small.change("spec.yaml", "temperature: 0.5", f"temperature: 0.5, {sampling}")
    for request in _recorded(small):
        assert "seed" in request
        found = {key: request[key] for key in request if key not in ("model", "messages", "seed")}
        found.pop("max_tokens", None) if "max_tokens" not in sent else None
        assert found == {"temperature": 0.5, **sent}


def _recorded(small: Small) -> list[dict[str, Any]]:
    """Run against an endpoint of both kinds that answers as asked; return its requests."""
    from atkc.cli.entry import run
    from tests.e2e.echoing import answering

    requests: list[dict[str, Any]] = []

    def answer(_authorization: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        requests.append(request)
        text = str(request.get("prompt") or request["messages"][-1]["content"])
        said = YES if "Is this worth it?" in text else tell("m-a", [])
        choice = {"index": 0, "finish_reason": "stop", "text": said}
        choice["message"] = {"role": "assistant", "content": said}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return 200, {"id": "x", "object": "completion", "choices": [choice], "usage": usage}

    path = small.write()
    with answering(answer) as url, chdir(small.folder):  # the cache is the folder's own
        words = ["run", path, "--set", f"url={url}", "--output", str(small.folder / "out")]
        assert run([*words, "--plain"]) == 0
    assert len(requests) == 2
    return requests


# ---- what the compiler finds


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("tell.yaml", "{text: string}", "{txt: string}", "ATK412"),
        ("tell.yaml", "Tell of it.", "Tell of {{ it }}.", "ATK412"),
        ("spec.yaml", "as: worth}", "as: worth, vote: 3}", "ATK201"),
        ("spec.yaml", "path: docs", "path: docs, subset: 3", "ATK431"),
        ("spec.yaml", "prompt: tell.yaml", "prompt: absent.yaml", "ATK001"),
        ("spec.yaml", "from: good,", "from: god,", "ATK300"),
    ],
)
def test_a_misspelt_name_is_found_before_a_call(
    small: Small, file: str, old: str, new: str, code: str
) -> None:
    """1.0, 1.4: unknown names stay in the prompt as `{name}`, unknown settings are swallowed."""
    small.change(file, old, new)
    assert code in small.codes()


@pytest.mark.parametrize("name", ["recall", "represent", "clean", "rag", "correct", "think"])
def test_an_unknown_parameter_of_a_part_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1.4: parts take arguments that nothing reads, such as `skip_filter_chunks`."""
    from atkc.cli.entry import run

    monkeypatch.chdir(tmp_path)
    words = [str(RECIPES / f"factual/{name}.yaml"), "--output", str(tmp_path / "out")]
    assert run(["run", *words, "--set=skip_filter_chunks=true"]) in (1, 2)
    assert not (tmp_path / "out").exists()
