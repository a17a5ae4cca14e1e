"""The transport: what it reads, what it counts, whom it refuses."""

from __future__ import annotations

import asyncio

import pytest

from atkc.runtime.api import Request
from atkc.runtime.errors import Permanent
from atkc.stdlib.extractive.model import ExtractiveTransport, complete
from tests.stdlib.extractive.passages import CANAL

MESSAGE = {"role": "user", "content": f"Text:\n{CANAL}\n\nAsk a question."}


@pytest.mark.parametrize("name", ["extractive", "atkc/extractive"])
def test_it_answers_to_its_names(name: str) -> None:
    transport = ExtractiveTransport()
    sampling = {"temperature": 2, "max_tokens": 1}
    reply = asyncio.run(transport.complete(Request(name, (MESSAGE,), sampling, None, 7)))
    asyncio.run(transport.close())
    assert reply == complete([MESSAGE], None, 7)
    assert reply.finish_reason == "stop"


def test_another_name_ends_the_run() -> None:
    with pytest.raises(Permanent) as caught:
        asyncio.run(ExtractiveTransport().complete(Request("gpt-x", (MESSAGE,))))
    assert (caught.value.status, caught.value.fatal) == (404, "ATK702")


def test_tokens_are_a_quarter_of_the_characters_rounded_up() -> None:
    reply = complete([MESSAGE], None, 0)
    assert reply.prompt_tokens == -(-len(MESSAGE["content"]) // 4)
    assert reply.completion_tokens == -(-len(reply.text) // 4)


def test_parts_of_a_message_that_are_text_are_read() -> None:
    parts = [{"type": "text", "text": MESSAGE["content"]}, {"type": "image_url", "image_url": {}}]
    assert complete([{"role": "user", "content": parts}], None, 2).text == (
        complete([MESSAGE], None, 2).text
    )


def test_earlier_examples_are_not_taken_for_the_passage() -> None:
    shots = [
        {"role": "user", "content": "Text:\nBees collect nectar in May.\n\nAsk a question."},
        {"role": "assistant", "content": "What do bees collect? Nectar."},
    ]
    assert complete([*shots, MESSAGE], None, 4).text == complete([MESSAGE], None, 4).text
