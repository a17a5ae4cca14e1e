"""How the process ends: at once where nothing is left to do, in order where something is."""

from __future__ import annotations

import sys
import threading
from types import ModuleType

import pytest

from atkc.cli import leaving


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Say how the process would end; libraries that want an orderly end are out of sight."""
    found: list[str] = []

    def left(code: int) -> None:
        found.append(f"at once with {code}")
        raise SystemExit(code)

    for name in leaving._AT_END:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(leaving.os, "_exit", left)
    monkeypatch.setattr(leaving.threading, "enumerate", lambda: [threading.current_thread()])
    return found


@pytest.mark.parametrize(
    ("command", "wanted"),
    [("run", ["at once with 4"]), ("lint", ["at once with 4"]), ("init", []), ("", [])],
)
def test_commands_that_close_all_end_at_once(
    ends: list[str], command: str, wanted: list[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        leaving.leave(4, command)
    assert error.value.code == 4
    assert ends == wanted


def test_a_library_with_something_to_do_gets_its_end(
    ends: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "litellm", ModuleType("litellm"))
    with pytest.raises(SystemExit):
        leaving.leave(0, "run")
    assert ends == []


def test_a_thread_that_hangs_is_not_waited_for(
    ends: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hung = threading.Thread(target=print)
    monkeypatch.setattr(leaving.threading, "enumerate", lambda: [hung])
    with pytest.raises(SystemExit):
        leaving.leave(1, "init")
    assert ends == ["at once with 1"]
