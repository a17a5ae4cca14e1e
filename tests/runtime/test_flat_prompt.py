"""Messages as one plain text, and back on the side of the served model."""

from __future__ import annotations

import pytest

from atkc.runtime.api import Request
from atkc.runtime.families import PLAIN, body
from atkc.runtime.flat_prompt import STOP, flat, with_stop
from atkc.stdlib.model_server.wire import read_request

MESSAGES = (
    {"role": "system", "content": "Answer shortly."},
    {"role": "user", "content": "Two\n\nlines"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "And now?"},
)


def test_turns_stand_under_headings_and_the_reply_is_next() -> None:
    assert flat(MESSAGES) == (
        "Answer shortly.\n\n### User:\nTwo\n\nlines\n\n### Assistant:\nYes.\n\n"
        "### User:\nAnd now?\n\n### Assistant:"
    )


def test_the_served_model_reads_the_same_messages() -> None:
    import orjson

    asked = read_request(orjson.dumps({"model": "m", "prompt": flat(MESSAGES)}))
    assert tuple(asked.messages) == MESSAGES
    assert asked.flat


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, [STOP]),
        ("</s>", ["</s>", STOP]),
        (["a", "b", "c", "d"], ["a", "b", "c", STOP]),
    ],
)
def test_the_models_own_turn_ends_where_another_would_begin(given: object, sent: list[str]) -> None:
    assert with_stop(given) == sent


def test_a_plain_request_has_a_prompt_and_no_messages() -> None:
    sent = body(Request("m", MESSAGES, {"top_p": 0.9}, None, 7, "completion"), PLAIN)
    assert sent == {"model": "m", "prompt": flat(MESSAGES), "stop": [STOP], "seed": 7, "top_p": 0.9}
