"""One cap for all requests of a question, and what a failure says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from atkc.runtime.api import Reply
from atkc.runtime.calling.calls import Caller, Question
from atkc.runtime.calling.lanes import CallSettings
from atkc.runtime.calling.outcome import Outcome
from atkc.runtime.errors import Permanent, Transient, Unreachable
from atkc.runtime.modelspec import EndpointSpec
from tests.runtime.calling.test_calls import (
    SECOND,
    SPEC,
    Scripted,
    in_turn,
    number_of,
    text_of,
    user,
    with_caller,
)

BROKEN, BAD = Transient("gone", status=500), Reply("x")
PATIENT = CallSettings(retries=9, delay=1e-4, pause=1e-5)


def failure(folder: Path, transport: Scripted, spec: Any = SPEC, attempts: int = 1) -> Any:
    """Return what a question fails with."""

    async def test(caller: Caller) -> Any:
        return await caller.ask(spec, user("?"), accept=number_of, attempts=attempts)

    return with_caller(folder, transport, test, settings=PATIENT).failure


def capped(most: int, **changes: Any) -> Any:
    return replace(SPEC, max_requests=most, **changes)


@pytest.mark.parametrize(
    ("answers", "spec", "attempts", "kind", "said", "requests"),
    [
        ([BAD], SPEC, 1, "no-number", "the reply is no number", 1),
        ([BAD], SPEC, 3, "no-number", "the reply is no number (3 attempts)", 3),
        (
            [BAD],
            capped(30, fallback=(SECOND,)),
            2,
            "no-number",
            "the reply is no number (4 attempts by 2 models)",
            4,
        ),
        (
            [BAD],
            capped(2),
            9,
            "no-number",
            "the reply is no number (2 attempts, as many as `max_requests` allows)",
            2,
        ),
        (
            [BAD],
            capped(3, fallback=(SECOND,)),
            2,
            "no-number",
            "the reply is no number (3 attempts by 2 models, as many as `max_requests` allows)",
            3,
        ),
        (
            [BROKEN],
            capped(4),
            1,
            "transport",
            (
                "gone (4 requests: 1 for attempts, 3 after failures of the network, as many as "
                "`max_requests` allows)"
            ),
            4,
        ),
        (
            [BAD, BROKEN],
            capped(5),
            3,
            "transport",
            (
                "gone (5 requests: 2 for attempts, 3 after failures of the network, as many as "
                "`max_requests` allows)"
            ),
            5,
        ),
        (
            [BROKEN, BROKEN, BAD],
            capped(4),
            3,
            "transport",  # the network took what attempts were left: a later run may go on
            (
                "the reply is no number (4 requests: 2 for attempts, 2 after failures of the "
                "network, as many as `max_requests` allows)"
            ),
            4,
        ),
        (
            [Permanent("too long", status=400)],
            capped(30, fallback=(SECOND,)),
            3,
            "refused",
            "too long (2 attempts by 2 models)",
            2,
        ),
    ],
)
def test_attempts_retries_and_fallbacks_have_one_cap(
    tmp_path: Path,
    answers: Any,
    spec: Any,
    attempts: int,
    kind: str,
    said: str,
    requests: int,
) -> None:
    transport = Scripted(in_turn(*answers))
    failed = failure(tmp_path, transport, spec, attempts)
    assert (failed.kind, failed.message) == (kind, said)
    assert len(transport.asked) == requests


def test_a_replay_ends_where_the_first_run_did(tmp_path: Path) -> None:
    first = failure(tmp_path, Scripted(in_turn(BAD)), capped(3), attempts=9)
    again = Scripted(in_turn(Reply("5")))
    assert failure(tmp_path, again, capped(3), attempts=9) == first
    assert not again.asked


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (3, 4), (None, 10)])
def test_an_endpoint_says_how_often_to_retry(
    tmp_path: Path, retries: int | None, requests: int
) -> None:
    endpoint = EndpointSpec("test", concurrency=4, retries=retries)
    busy = Scripted(in_turn(Transient("busy", status=429)))
    failed = failure(tmp_path, busy, replace(SPEC, endpoint=endpoint))
    assert failed.kind == "transport"
    assert len(busy.asked) == requests


@pytest.mark.parametrize(("before", "requests"), [(False, 3), (True, 12)])
def test_an_endpoint_that_was_never_there_is_given_up_soon(
    tmp_path: Path, before: bool, requests: int
) -> None:
    answers = [Reply("1")] if before else []
    transport = Scripted(in_turn(*answers, Unreachable("refused")))

    async def test(caller: Caller) -> None:
        if before:
            await caller.ask(SPEC, user("first"), accept=text_of)
        with pytest.raises(Permanent) as caught:
            await caller.ask(SPEC, user("?"), accept=text_of)
        assert caught.value.fatal == "ATK700"

    with_caller(
        tmp_path, transport, test, settings=CallSettings(retries=10, delay=1e-4, pause=1e-5)
    )
    assert len(transport.asked) == requests


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply("I will not", "refusal"), "refusal"),
        (Reply("5", "content_filter"), "filtered"),
        (Reply("5", "length"), "truncated"),
    ],
)
@pytest.mark.parametrize("fallback", [False, True])
def test_refusals_have_a_reason_of_their_own(
    tmp_path: Path, reply: Reply, kind: str, fallback: bool
) -> None:
    """They are no data, even if they could be read as such; another model may do better."""
    transport = Scripted(lambda request: reply if request.model == "m" else Reply("7"))
    spec = replace(SPEC, fallback=(SECOND,) if fallback else ())

    async def test(caller: Caller) -> None:
        for _ in range(2):  # as read back from the store too
            outcome = await caller.ask(spec, user("?"), accept=number_of)
            if fallback:
                assert (outcome.value, outcome.model) == (7, "second")
            else:
                assert outcome.failure is not None
                assert outcome.failure.kind == kind
                again = caller.begin(spec, Question(user("?"), None, number_of))
                assert not isinstance(again, Outcome)

    with_caller(tmp_path, transport, test)
    assert len(transport.asked) == 1 + fallback
