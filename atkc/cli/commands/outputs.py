"""What is asked of the output folder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from atkc.cli.commands.options import cache_folder


@click.command()
@click.argument("folder")
@click.option("--json", "as_data", is_flag=True, help="Print JSON, for programs.")
@click.option(
    "--examples",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="Findings shown of each kind in each file; all are counted.",
)
def check(folder: str, as_data: bool, examples: int) -> int:
    """Check whether the files that a run left are fit to be trained on.

    Reads the manifest, every data file and the training configs of an output folder: roles,
    masks, cut-off replies, placeholders, lengths, duplicates, leaks. Exit code 1 with findings.
    """
    from atkc.cli.checking import check_output

    return check_output(folder, as_data=as_data, examples=examples)


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("-o", "--output", metavar="FILE", help="Where to.  [default: DIR/report.html]")
def report(folder: str | None, output: str | None) -> int:
    """Make the report of a run again, from its output folder alone.

    One page that needs no network: graph with counts, cost, yields, votes, failures, samples.
    Without a folder, of the newest in `outputs`.
    """
    from atkc.cli.newest import newest
    from atkc.cli.report.writing import make_report

    made = newest() if folder is None else Path(folder)
    return make_report(made, None if output is None else Path(output))


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--check", "checks", is_flag=True, help="Look whether all adds up; exit 1 where not.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON, for programs.")
def ledger(folder: str | None, checks: bool, as_data: bool) -> int:
    """Show what became of every record of a run, step by step.

    Reads the manifest of an output folder; without one, of the newest folder in `outputs`.
    """
    from atkc.cli.books import show_ledger

    return show_ledger(folder, checks=checks, as_data=as_data)


@click.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--step", "steps", multiple=True, metavar="STEP", help="Only records of this step.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only failures of this kind.")
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="Records shown of each step and kind; all are counted.",
)
@click.option("--json", "as_data", is_flag=True, help="Print JSON, for programs.")
def failures(folder: str | None, **options: Any) -> int:
    """Show the failed records of a run: how many of which kind, why, and what was said.

    Reads an output folder; without one, the newest in `outputs`.
    """
    from atkc.cli.failures import show_failures

    return show_failures(folder, **options)


@click.command()
@click.argument("target", metavar="FILE:LINE|DIR")
@cache_folder
@click.option("--document", metavar="NAME", help="List the lines of DIR that a document fed.")
@click.option(
    "--forget", metavar="NEW_DIR", help="Write a copy of DIR without the lines of the document."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def trace(
    target: str, cache: str, document: str | None, forget: str | None, *, as_json: bool
) -> int:
    """Show where a line of an output comes from, or what a document fed.

    FILE:LINE is a line of a .jsonl file, or the number of a record in another one.
    """
    if document is not None:
        from atkc.cli.following import follow

        into = None if forget is None else Path(forget)
        return follow(Path(target), document, into, as_json=as_json)
    if forget is not None:
        raise click.UsageError("`--forget` needs `--document`")
    from atkc.cli.tracing import trace_line

    return trace_line(target, Path(cache), as_json=as_json)
