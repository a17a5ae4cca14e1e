"""`atkc cache`: what is done with stored replies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from atkc.cli.commands.options import as_json, cache_folder, values


@click.group()
def cache() -> None:
    """Look into the cache of replies, mend it, clear it, take it elsewhere."""


@cache.command()
@cache_folder
@as_json
def stats(cache: str, *, as_json: bool) -> int:
    """Print what the cache holds: by kind, model, age and generation, and which runs used it."""
    from atkc.cli.cache.stats import show_stats

    return show_stats(Path(cache), as_json=as_json)


@cache.command("explain")
@click.argument("spec")
@values
@cache_folder
@click.option("--step", metavar="STEP", help="Explain what is missing of this step.")
@click.option("--record", type=click.IntRange(1), help="Explain the N-th record that reaches it.")
@as_json
def explain_command(
    spec: str, cache: str, step: str | None, record: int | None, *, as_json: bool, **values: Any
) -> int:
    """Say what of a run would come from the cache, and why the rest would be asked.

    Nobody is asked, nothing is written. Without `--step` all steps are counted; with it the first
    missing requests are held against the nearest stored ones, with `--record` those of one record.
    """
    from atkc.cli.cache.explain import Wanted, explain
    from atkc.cli.loading import Chosen

    return explain(Chosen(spec, **values), Path(cache), Wanted(step, record, as_json))


@cache.command()
@cache_folder
@click.option("--repair", is_flag=True, help="Drop what is corrupt; save what a damaged file has.")
@as_json
def verify(cache: str, *, repair: bool, as_json: bool) -> int:
    """Read every entry and hold it against its checksum and its key. Exit code 1 with findings.

    With `--repair` corrupt entries are dropped, so that they are made again. Of a file that SQLite
    cannot read any more, all whole entries go into a new one; the damaged file is kept.
    """
    from atkc.cli.cache.verify import verify_cache

    return verify_cache(Path(cache), repair=repair, as_json=as_json)


@cache.command()
@cache_folder
@click.option("--unused", is_flag=True, help="What no last run into an output folder used.")
@click.option("--older-than", metavar="30d", help="What was not made or used for so long.")
@click.option("--old-generations", is_flag=True, help="What was stored before the last `--fresh`.")
@click.option("--generation", "generations", type=int, multiple=True, help="That generation.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["call", "embedding", "value"]),
    help="Only.",
)
@click.option("--model", "models", multiple=True, metavar="NAME", help="As `stats` names it.")
@click.option(
    "--max-size", metavar="2GB", help="Then what was used longest ago, down to this size."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@as_json
def gc(cache: str, **wishes: Any) -> int:
    """Remove entries: what fits all options given. Without one, nothing.

    A run counts as long as its output folder is there. What is younger than two days never counts
    as unused, for a run that was killed could not write down what it used.
    """
    from atkc.cli.cache.gc import Wishes, collect_cache

    return collect_cache(Path(cache), Wishes(**wishes))


@cache.command("export")
@click.argument("file")
@cache_folder
@click.option(
    "--used-by", multiple=True, metavar="DIR", help="Only what the last run into DIR used."
)
def export_command(file: str, cache: str, used_by: tuple[str, ...]) -> int:
    """Write the cache to one compressed file that `atkc cache import` reads elsewhere."""
    from atkc.cli.cache.transfer import export_cache

    return export_cache(Path(cache), Path(file), used_by)


@cache.command("import")
@click.argument("file")
@cache_folder
def import_command(file: str, cache: str) -> int:
    """Bring the entries of an exported file in; what is in the cache already stays as it is.

    Spoiled entries are left out and counted; then the exit code is 1.
    """
    from atkc.cli.cache.transfer import import_cache

    return import_cache(Path(cache), Path(file))
