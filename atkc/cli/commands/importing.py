"""`atkc import`: settings of other tools."""

from __future__ import annotations

import click


@click.group("import")
def import_group() -> None:
    """Take over the settings of another tool."""


@import_group.command("augmentoolkit")
@click.argument("config")
@click.option("--output", metavar="DIR", help="Where files go.  [default: the config's name]")
@click.option(
    "--root",
    metavar="DIR",
    default=".",
    help="What the config's paths are relative to.  [default: .]",
)
@click.option("--force", is_flag=True, help="Write over the files of an earlier import.")
def import_augmentoolkit(config: str, output: str | None, root: str, force: bool) -> int:
    """Turn a config of Augmentoolkit into parameters, and report on each of its keys.

    Writes params.yaml for `--params`, REPORT.md, and for a pipeline that stands alone recipe.yaml,
    which runs with them. Keys are never copied: the report names the variables to export.
    """
    from atkc.cli.importing import import_config

    return import_config(config, output, root, force=force)
