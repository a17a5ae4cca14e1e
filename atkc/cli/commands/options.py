"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def values(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that give values to parameters."""
    options = (
        click.option(
            "--set",
            "sets",
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a parameter; the value is YAML. `input_dirs/0/path=x` reaches inside.",
        ),
        click.option(
            "--params",
            multiple=True,
            metavar="FILE",
            help="Take parameters from a YAML file. `--set` and ATKC_PARAM_NAME win over it.",
        ),
        click.option(
            "--profile",
            metavar="NAME|FILE",
            help="Take what the spec declares of a preset (`atkc profiles`). `--params` wins.",
        ),
        click.option(
            "--env-file", metavar="FILE", help="Read environment variables (keys) from a file."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def cache_folder(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that says where the cache lies."""
    return click.option(
        "--cache",
        envvar="ATKC_CACHE",
        metavar="DIR",
        default=".atkc",
        show_default=True,
        help="Where replies are kept (also ATKC_CACHE). Documents and replies lie there in clear.",
    )(command)
