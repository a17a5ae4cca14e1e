"""`atkc run` and `atkc retry`."""

from __future__ import annotations

from typing import Any

import click

from atkc.cli.commands.options import cache_folder, values


def _gate(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    from atkc.cli.gates import failures_allowed

    return None if text is None else failures_allowed(text)


def _one_of(options: dict[str, Any], chosen: str, *others: str) -> None:
    """Raise UsageError where an option is given with another that says the contrary."""
    for other in others:
        if options[chosen] and options[other]:
            raise click.UsageError(f"`--{chosen}` and `--{other}` exclude each other")


@click.command("run")
@click.argument("spec")
@values
@cache_folder
@click.option("--output", metavar="DIR", help="Where files go.  [default: outputs/<spec name>]")
@click.option("--fresh", is_flag=True, help="Ask everything again; old replies are kept.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="N|STEP=N",
    help="Only the first N records of every source (or of one). Writes to <output>.limit-N.",
)
@click.option("--max-calls", type=click.IntRange(0), help="Stop before more model calls than this.")
@click.option("--max-usd", type=click.FloatRange(0), help="Stop before more money than this.")
@click.option(
    "--max-failures",
    metavar="N|SHARE",
    callback=_gate,
    help="Stop when more records fail: a number, or a share of a step's (0.05, 5%).",
)
@click.option(
    "--max-tokens",
    type=click.IntRange(0),
    help="Stop before more tokens than this, of prompts and replies together.",
)
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="How long calls in flight get to come in after Ctrl-C or SIGTERM.",
)
@click.option("--yes", is_flag=True, help="Do not ask before a paid endpoint is called.")
@click.option("--plain", is_flag=True, help="Plain progress lines, as when not on a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing but errors, questions, the last line.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more: each step as it ends, warnings.")
@click.option(
    "--otel",
    is_flag=True,
    envvar="ATKC_OTEL",
    help="Send OpenTelemetry traces and metrics where OTEL_EXPORTER_OTLP_ENDPOINT says.",
)
@click.option("--log-file", metavar="FILE", help="Write what happens to a file as well.")
@click.option(
    "--provenance/--no-provenance",
    default=True,
    help="Write beside each file where its lines come from, for `atkc trace`.  [default: write]",
)
@click.option(
    "--report/--no-report", default=True, help="Write report.html at the end.  [default: write]"
)
@click.option("--batch", is_flag=True, help="Ask by the provider's batch API: half price, slow.")
@click.option(
    "--batch-poll",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds at most between two looks at a batch.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1, 50_000),
    default=10_000,
    show_default=True,
    help="Calls in a batch at most, and records that wait at a step.",
)
def run_command(**options: Any) -> int:
    """Run a spec or a compiled plan.

    The same command after an interruption goes on where it was: finished calls are never paid
    for twice. Outputs are replaced as a whole when the run is complete.
    """
    from atkc.cli.run_options import RunOptions
    from atkc.cli.running import run_spec

    _one_of(options, "quiet", "plain", "verbose")
    return run_spec(RunOptions(**options))


@click.command()
@click.option("--step", "steps", multiple=True, metavar="STEP", help="Only failures of this step.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only failures of this kind.")
def retry(**options: Any) -> int:
    """Run a spec, and ask again where stored replies could not be accepted.

    Each failed question is asked once more, with another seed; all else comes from the cache. What
    brought no reply at all is asked again by any run. `atkc run` finds the new replies from then
    on. Takes all options of `run`.
    """
    from atkc.cli.retrying import retry_spec

    return retry_spec(**options)


retry.params[:0] = run_command.params
