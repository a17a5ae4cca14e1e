"""Before money is spent: a forecast and a question, a yes, or a cap. Nothing leaves this machine:
what is sent to the address of documentation meets a proxy here."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from tests.e2e.kit import Project, Server, files
from tests.e2e.terminal import on_terminal

FAR = "http://192.0.2.1/v1"  # TEST-NET-1: nobody's
PAID = (f"--set=api_base={FAR}", "--set=writer=openai/extractive")


@pytest.fixture
def trap() -> Iterator[tuple[dict[str, str], socket.socket]]:
    """A proxy that takes connections and never answers; it shows whether one came."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.setblocking(False)
        yield {"http_proxy": f"http://127.0.0.1:{listening.getsockname()[1]}"}, listening


def somebody_came(listening: socket.socket) -> bool:
    try:
        listening.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def through(server: Server) -> dict[str, str]:
    """Return an environment whose proxy is the model server, which answers for all addresses."""
    return {"http_proxy": server.url.removesuffix("/v1")}


@pytest.mark.parametrize(
    ("options", "code", "finding"),
    [((), 5, "ATK705"), (("--max-calls", "0"), 5, "ATK704"), (("--max-usd", "1"), 1, "ATK720")],
    ids=["no answer", "no calls", "price not known"],
)
def test_without_consent_no_connection_is_opened(
    project: Project,
    trap: tuple[dict[str, str], socket.socket],
    options: tuple[str, ...],
    code: int,
    finding: str,
) -> None:
    variables, listening = trap
    done = project.run(*PAID, *options, **variables)
    assert done.code == code
    assert finding in done.err
    assert not somebody_came(listening)
    assert files(project.output) == {}
    if not options:
        assert "--yes" in done.err
        assert re.search(r"^ *pairs +\d+ – \d+ – \d+$", done.err, re.MULTILINE)
        assert re.search(r"^ *calls +\d+ – \d+ – \d+$", done.err, re.MULTILINE)
        assert re.search(r"^ *tokens ", done.err, re.MULTILINE)
        assert re.search(r"^ *money ", done.err, re.MULTILINE)


@pytest.mark.parametrize("options", [("--yes",), ("--max-calls", "50")], ids=["yes", "cap"])
def test_a_yes_or_a_cap_is_consent(
    project: Project, server: Server, expected: dict[str, bytes], options: tuple[str, ...]
) -> None:
    done = project.run(*PAID, *options, **through(server))
    assert done.code == 0
    assert "Go on?" not in done.err
    assert files(project.output) == expected


def test_what_is_fully_cached_asks_nothing(project: Project, server: Server) -> None:
    project.run(*PAID, "--yes", **through(server))
    again = project.run(*PAID)
    assert (again.code, again.err, again.calls()[0]) == (0, "", 0)


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 5), ("\n", 5)])
def test_on_a_terminal_the_answer_counts(
    project: Project, server: Server, answer: str, code: int
) -> None:
    before = server.requests
    done = on_terminal(project, [*PAID, "--plain"], {"Go on? [y/N]": answer}, through(server))
    assert done.code == code
    assert done.err.count("Go on?") == 1
    assert (server.requests > before) == (code == 0)


def test_this_machine_asks_nothing(project: Project, server: Server) -> None:
    done = project.run(*server.models())
    assert (done.code, done.err) == (0, "")


def test_a_cap_on_money_needs_prices_and_is_kept(project: Project, server: Server) -> None:
    project.change("spec.yaml", 'writer: {model: "${params.writer}",',
                   'writer: {model: "${params.writer}", price_in: 1, price_out: 1000,')  # fmt: skip
    before = server.requests
    stopped = project.run(*server.models("writer"), "--max-usd", "1.2")
    assert stopped.code == 5
    assert "--max-usd" in stopped.err
    assert 1 <= server.requests - before <= 6  # of 7; each may cost 0.90 and costs about 0.10
    whole = project.run(*server.models("writer"), "--max-usd", "100")
    assert whole.code == 0
