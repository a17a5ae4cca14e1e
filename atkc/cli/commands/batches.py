"""`atkc batches`."""

from __future__ import annotations

from pathlib import Path

import click

from atkc.cli.commands.options import as_json, cache_folder


@click.command()
@cache_folder
@click.option(
    "--cancel",
    multiple=True,
    metavar="ID|all",
    help="Cancel that batch first, or all that are open; what is ready of it stays.",
)
@click.option("--env-file", metavar="FILE", help="Read environment variables (keys) from a file.")
@as_json
def batches(cache: str, cancel: tuple[str, ...], env_file: str | None, *, as_json: bool) -> int:
    """List the batches that `run --batch` has out: endpoint, id, state, requests done.

    Exit code 1 where a provider did not tell, or would not cancel.
    """
    from atkc.cli.batches import show_batches
    from atkc.cli.given import environment_with

    environment_with(env_file)
    return show_batches(Path(cache), cancel, as_json=as_json)
