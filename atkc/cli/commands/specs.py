"""What is done with a spec before it is run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from atkc.cli import codes
from atkc.cli.commands.options import cache_folder, values


@click.command()
@click.argument("specs", nargs=-1, required=True)
@values
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
def lint(specs: tuple[str, ...], form: str, **values: Any) -> int:
    """Find mistakes in specs: files, or folders that are searched for specs."""
    from atkc.cli.linting import lint_specs

    return lint_specs(specs, form, **values)


@click.command("compile")
@click.argument("spec")
@values
@click.option("-o", "--output", metavar="FILE", help="Write the plan to a file.")
def compile_command(spec: str, output: str | None, **values: Any) -> int:
    """Compile a spec to a plan (JSON), which `atkc run` takes too."""
    from atkc.cli.loading import Chosen, plan_to_run
    from atkc.compiler.plan import to_json

    text = to_json(plan_to_run(Chosen(spec, **values)))
    if output is None:
        sys.stdout.write(text)
    else:
        Path(output).write_text(text, encoding="utf-8", newline="\n")
    return codes.COMPLETE


@click.command()
@click.argument("spec")
@values
@cache_folder
@click.option("--params-only", "only_params", is_flag=True, help="Only where each value came from.")
def plan(spec: str, cache: str, only_params: bool, **values: Any) -> int:
    """Show what a run would do: steps, calls, tokens and money, low to high."""
    from atkc.cli.loading import Chosen
    from atkc.cli.planning import show_plan

    return show_plan(Chosen(spec, **values), Path(cache), only_params=only_params)


@click.command()
@click.argument("spec")
@values
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "svg", "html"]),
    help="What to draw.  [default: by the name of the output, else mermaid]",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file.")
def graph(spec: str, form: str | None, output: str | None, **values: Any) -> int:
    """Draw the steps of a spec: Mermaid, DOT, SVG or a page that needs no network."""
    from atkc.cli.drawing import draw_spec
    from atkc.cli.loading import Chosen

    return draw_spec(Chosen(spec, **values), form, output)


@click.command()
@click.argument(
    "name",
    type=click.Choice(["pipeline", "prompt", "plan", "events"]),
    default="pipeline",
    required=False,
)
def schema(name: str) -> int:
    """Print a JSON Schema: of specs, prompt files, plans, or lines of events.jsonl."""
    from atkc.spec.places import SHIPPED

    path = SHIPPED / "schema" / f"{name}.schema.json"
    sys.stdout.write(path.read_text(encoding="utf-8"))
    return codes.COMPLETE


@click.command()
@click.argument("folder", default=".", required=False)
@click.option("--from", "recipe", metavar="RECIPE", help="Copy a shipped recipe to be edited.")
def init(folder: str, recipe: str | None) -> int:
    """Write a small spec that runs at once, or copy a shipped recipe with all its files."""
    from atkc.cli.starting import start

    return start(Path(folder), recipe)
