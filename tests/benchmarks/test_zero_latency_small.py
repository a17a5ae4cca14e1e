"""The benchmark without latency, small; and the server that it asks."""

from __future__ import annotations

from tests.benchmarks.kit import computed, printed


def test_each_line_has_its_number() -> None:
    first, _, _, *lines = printed("zero_latency.py", "--quick").splitlines()
    assert first.startswith("200 calls, no latency, 256 in flight; runs: 1; load ")
    hand, ours, times = (float(line[40:].split()[0]) for line in lines)
    assert abs(hand / ours - times) < 0.02 * times
    assert [line[:40].strip() for line in lines] == [
        "by hand: calls a second",
        "`atkc run`: calls a second",
        "by hand, times those of `atkc run`",
    ]


ASKED = """
import json, urllib.error, urllib.request
from endpoint import endpoint

def status(port, messages):
    body = json.dumps({"model": "m", "messages": messages}).encode()
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:
            return answer.status, json.loads(answer.read())["usage"]
    except urllib.error.HTTPError as error:
        return error.code, {}

with endpoint(0.0) as server:
    print(server.span())
    print(status(server.port, [])[0], server.span()[0])
    code, usage = status(server.port, [{"role": "user", "content": "a question"}])
    print(code, usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"])
    print(server.span())
    status(server.port, [{"role": "user", "content": "another"}])
    calls, seconds = server.span()
    print(calls, seconds > 0)
"""


def test_the_server_counts_completions_and_refuses_requests_without_messages() -> None:
    assert computed(ASKED).splitlines() == [
        "(0, 0.0)",
        "400 0",
        "200 True",
        "(1, 0.0)",
        "2 True",
    ]
