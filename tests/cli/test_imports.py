"""What is not loaded: start-up time is a feature, and the runtime knows no compiler pass."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from atkc.cli.entry import COMMANDS

_LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
_LINT = f"from atkc.cli.entry import run; assert run(['lint', sys.argv[1]]) == 0; {_LOADED}"
_RUNTIME = f"""
import importlib, pkgutil, atkc.runtime
for module in pkgutil.walk_packages(atkc.runtime.__path__, "atkc.runtime."):
    importlib.import_module(module.name)
{_LOADED}
"""

HEAVY = (
    *("aiohttp", "asyncio", "asyncio_throttle", "bs4", "charset_normalizer", "datasets", "docx"),
    *("httpx", "litellm", "lxml", "multiprocessing", "networkx", "numpy", "openai", "orjson"),
    *("jsonschema", "referencing", "pydantic", "pandas", "pyarrow", "pymupdf", "rich", "sqlite3"),
    *("tiktoken", "zstandard"),
)


def loaded_after(program: str, *arguments: str) -> set[str]:
    """Return the modules that a fresh process has loaded at the end of a program."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("spec", ["recipes/factual.yaml"])
def test_lint_loads_nothing_that_only_a_run_needs(spec: str) -> None:
    loaded = loaded_after(_LINT, spec)
    assert "atkc.compiler.front" in loaded
    assert not loaded & set(HEAVY)
    assert not {name for name in loaded if name.startswith("atkc.runtime.")} - {
        "atkc.runtime.api",
        "atkc.runtime.errors",
    }


def test_the_version_loads_next_to_nothing() -> None:
    program = f"sys.argv[1:] = ['--version']\nfrom atkc.cli import main\nmain()\n{_LOADED}"
    ours = {name for name in loaded_after(program) if name.startswith("atkc")}
    assert ours == {"atkc", "atkc.cli"}


def test_the_runtime_loads_of_the_compiler_only_the_plan() -> None:
    loaded = loaded_after(_RUNTIME)
    assert "atkc.runtime.engine" in loaded
    assert {name for name in loaded if name.startswith("atkc.compiler.")} == {"atkc.compiler.plan"}


def test_the_runtime_loads_neither_library_nor_command_line() -> None:
    loaded = loaded_after(_RUNTIME)
    assert not {name for name in loaded if name.startswith(("atkc.stdlib", "atkc.cli"))}


@pytest.mark.parametrize(
    ("words", "modules"),
    [
        (("run", "--help"), {"lazy", "options", "running"}),
        (("lint", "--help"), {"lazy", "options", "specs"}),
        (("cache", "gc", "--help"), {"cache", "lazy", "options"}),
        (("import", "--help"), {"importing", "lazy"}),
    ],
)
def test_a_command_loads_the_options_of_its_family_alone(
    words: tuple[str, ...], modules: set[str]
) -> None:
    loaded = loaded_after(
        f"from atkc.cli.entry import run; assert run(sys.argv[1:]) == 0; {_LOADED}", *words
    )
    room = "atkc.cli.commands."
    assert {name.removeprefix(room) for name in loaded if name.startswith(room)} == modules
    assert not loaded & set(HEAVY)


def test_every_command_stands_where_the_table_says() -> None:
    assert {name: command.name for name, command in COMMANDS.items()} == {n: n for n in COMMANDS}
