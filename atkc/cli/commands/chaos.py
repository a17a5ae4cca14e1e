"""`atkc chaos`."""

from __future__ import annotations

from typing import Any

import click

from atkc.cli.commands.options import values

_SHARE = click.FloatRange(0, 1)
_SECONDS = click.FloatRange(0)


@click.command()
@click.argument("spec")
@values
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="N|STEP=N",
    help="Only the first N records of every source (or of one).",
)
@click.option(
    "--kills", type=click.IntRange(1), default=50, show_default=True, help="How often, at random."
)
@click.option(
    "--at",
    type=_SHARE,
    multiple=True,
    metavar="SHARE",
    help="Kill when this share of the calls has been made, instead of at random (0.5: half way).",
)
@click.option("--seed", default=0, show_default=True, help="Which moments, and which faults.")
@click.option("--rate-429", type=_SHARE, default=0.03, show_default=True, help="Share of 429s.")
@click.option("--rate-500", type=_SHARE, default=0.03, show_default=True, help="Share of 500s.")
@click.option("--drop", type=_SHARE, default=0.03, show_default=True, help="Dropped connections.")
@click.option("--hang", type=_SHARE, default=0.005, show_default=True, help="Never answered.")
@click.option("--nonsense", type=_SHARE, default=0.0, help="Share of replies that fit no format.")
@click.option("--cut-off", type=_SHARE, default=0.0, help="Share of replies cut at their length.")
@click.option("--latency", type=_SECONDS, default=0.05, show_default=True, help="Before replies.")
@click.option("--timeout", type=_SECONDS, default=5.0, show_default=True, help="Of each call.")
@click.option(
    "--concurrency", type=click.IntRange(1), default=8, show_default=True, help="Calls in flight."
)
@click.option("--keep", metavar="DIR", help="Keep plan, caches, outputs and logs in this folder.")
def chaos(**options: Any) -> int:
    """Run a spec again and again, kill it each time, and look whether anything is lost.

    The offline model stands in for all models, as a bad endpoint on this machine. In the end the
    files must equal those of an undisturbed run, and no more may have been paid for twice than was
    in flight at the kills. Exit code 1 where not. Your cache and outputs are not touched.
    """
    from atkc.cli.chaos.command import chaos_of

    return chaos_of(**options)
