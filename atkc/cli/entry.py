"""The command line: `atkc` and where its commands stand."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import cast

import click

from atkc import __version__
from atkc.cli.commands.lazy import Lazy

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_PLACES = {
    "batches": "batches:batches",
    "cache": "cache:cache",
    "chaos": "chaos:chaos",
    "check": "outputs:check",
    "compile": "specs:compile_command",
    "doctor": "models:doctor",
    "failures": "outputs:failures",
    "graph": "specs:graph",
    "import": "importing:import_group",
    "init": "specs:init",
    "ledger": "outputs:ledger",
    "lint": "specs:lint",
    "plan": "specs:plan",
    "profiles": "models:profiles",
    "report": "outputs:report",
    "retry": "running:retry",
    "run": "running:run_command",
    "schema": "specs:schema",
    "serve-model": "models:serve_model",
    "trace": "outputs:trace",
}
# Nobody adds to them, and click only looks them up.
COMMANDS = cast("MutableMapping[str, click.Command]", Lazy(_PLACES))


def run(arguments: list[str]) -> int:
    """Return the exit code of a command line; nothing but a bug ends in a traceback file."""
    from atkc.cli.errors import guarded

    return guarded(lambda: commands.main(arguments, prog_name="atkc", standalone_mode=False))


@click.group(context_settings=HELP, invoke_without_command=False, commands=COMMANDS)
@click.version_option(__version__, "-V", "--version", message="atkc %(version)s")
def commands() -> None:
    """Make training data with language models, from a YAML graph of typed steps.

    \b
    atkc init                           write a small spec and run it at once
    atkc lint SPEC                      find mistakes before a token is paid for
    atkc plan SPEC                      what a run would do, and what it would cost
    atkc run recipes/factual.yaml       documents in, training data out
    atkc doctor --profile local-ollama  is all there that a run with this model needs?
    atkc check outputs/factual          is that data fit to be trained on

    \b
    Exit codes: 0 complete, 1 findings or bad input, 2 usage, 3 a bug of ours,
    4 complete with failed records, 5 stopped by a budget, a gate or a missing consent,
    6 the cache cannot be written, 130 interrupted (Ctrl-C, SIGTERM, SIGHUP).
    """
