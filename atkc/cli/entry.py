"""The commands and their options; each hands over to a module of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from atkc import __version__
from atkc.cli import codes

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def run(arguments: list[str]) -> int:
    """Return the exit code of a command line; nothing but a bug ends in a traceback file."""
    from atkc.cli.errors import guarded

    return guarded(lambda: commands.main(arguments, prog_name="atkc", standalone_mode=False))


@click.group(context_settings=HELP, invoke_without_command=False)
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


_SHARE = click.FloatRange(0, 1)
_SECONDS = click.FloatRange(0)


def _values(command: Callable[..., Any]) -> Callable[..., Any]:
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


def _cache(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--cache",
        envvar="ATKC_CACHE",
        metavar="DIR",
        default=".atkc",
        show_default=True,
        help="Where replies are kept (also ATKC_CACHE). Documents and replies lie there in clear.",
    )(command)


def _one_of(options: dict[str, Any], chosen: str, *others: str) -> None:
    """Raise UsageError where an option is given with another that says the contrary."""
    for other in others:
        if options[chosen] and options[other]:
            raise click.UsageError(f"`--{chosen}` and `--{other}` exclude each other")


@commands.command("run")
@click.argument("spec")
@_values
@_cache
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


@commands.command()
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


@commands.command()
@click.argument("spec")
@_values
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


@commands.command()
@click.argument("specs", nargs=-1, required=True)
@_values
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


@commands.command()
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


@commands.command()
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


@commands.command()
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--check", "checks", is_flag=True, help="Look whether all adds up; exit 1 where not.")
@click.option("--json", "as_data", is_flag=True, help="Print JSON, for programs.")
def ledger(folder: str | None, checks: bool, as_data: bool) -> int:
    """Show what became of every record of a run, step by step.

    Reads the manifest of an output folder; without one, of the newest folder in `outputs`.
    """
    from atkc.cli.books import show_ledger

    return show_ledger(folder, checks=checks, as_data=as_data)


@commands.command()
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


@commands.command()
@_cache
@click.option(
    "--cancel",
    multiple=True,
    metavar="ID|all",
    help="Cancel that batch first, or all that are open; what is ready of it stays.",
)
@click.option("--env-file", metavar="FILE", help="Read environment variables (keys) from a file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def batches(cache: str, cancel: tuple[str, ...], env_file: str | None, *, as_json: bool) -> int:
    """List the batches that `run --batch` has out: endpoint, id, state, requests done.

    Exit code 1 where a provider did not tell, or would not cancel.
    """
    from atkc.cli.batches import show_batches
    from atkc.cli.given import environment_with

    environment_with(env_file)
    return show_batches(Path(cache), cancel, as_json=as_json)


@commands.command("compile")
@click.argument("spec")
@_values
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


@commands.command()
@click.argument("spec")
@_values
@_cache
@click.option("--params-only", "only_params", is_flag=True, help="Only where each value came from.")
def plan(spec: str, cache: str, only_params: bool, **values: Any) -> int:
    """Show what a run would do: steps, calls, tokens and money, low to high."""
    from atkc.cli.loading import Chosen
    from atkc.cli.planning import show_plan

    return show_plan(Chosen(spec, **values), Path(cache), only_params=only_params)


@commands.command()
@click.argument("spec")
@_values
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


@commands.command()
@click.argument("target", metavar="FILE:LINE|DIR")
@_cache
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


@commands.group()
def cache() -> None:
    """Look into the cache of replies, mend it, clear it, take it elsewhere."""


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@cache.command()
@_cache
@_as_json
def stats(cache: str, *, as_json: bool) -> int:
    """Print what the cache holds: by kind, model, age and generation, and which runs used it."""
    from atkc.cli.cache.stats import show_stats

    return show_stats(Path(cache), as_json=as_json)


@cache.command("explain")
@click.argument("spec")
@_values
@_cache
@click.option("--step", metavar="STEP", help="Explain what is missing of this step.")
@click.option("--record", type=click.IntRange(1), help="Explain the N-th record that reaches it.")
@_as_json
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
@_cache
@click.option("--repair", is_flag=True, help="Drop what is corrupt; save what a damaged file has.")
@_as_json
def verify(cache: str, *, repair: bool, as_json: bool) -> int:
    """Read every entry and hold it against its checksum and its key. Exit code 1 with findings.

    With `--repair` corrupt entries are dropped, so that they are made again. Of a file that SQLite
    cannot read any more, all whole entries go into a new one; the damaged file is kept.
    """
    from atkc.cli.cache.verify import verify_cache

    return verify_cache(Path(cache), repair=repair, as_json=as_json)


@cache.command()
@_cache
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
@_as_json
def gc(cache: str, **wishes: Any) -> int:
    """Remove entries: what fits all options given. Without one, nothing.

    A run counts as long as its output folder is there. What is younger than two days never counts
    as unused, for a run that was killed could not write down what it used.
    """
    from atkc.cli.cache.gc import Wishes, collect_cache

    return collect_cache(Path(cache), Wishes(**wishes))


@cache.command("export")
@click.argument("file")
@_cache
@click.option(
    "--used-by", multiple=True, metavar="DIR", help="Only what the last run into DIR used."
)
def export_command(file: str, cache: str, used_by: tuple[str, ...]) -> int:
    """Write the cache to one compressed file that `atkc cache import` reads elsewhere."""
    from atkc.cli.cache.transfer import export_cache

    return export_cache(Path(cache), Path(file), used_by)


@cache.command("import")
@click.argument("file")
@_cache
def import_command(file: str, cache: str) -> int:
    """Bring the entries of an exported file in; what is in the cache already stays as it is.

    Spoiled entries are left out and counted; then the exit code is 1.
    """
    from atkc.cli.cache.transfer import import_cache

    return import_cache(Path(cache), Path(file))


@commands.command()
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


@commands.command()
@click.argument("folder", default=".", required=False)
@click.option("--from", "recipe", metavar="RECIPE", help="Copy a shipped recipe to be edited.")
def init(folder: str, recipe: str | None) -> int:
    """Write a small spec that runs at once, or copy a shipped recipe with all its files."""
    from atkc.cli.starting import start

    return start(Path(folder), recipe)


@commands.group("import")
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


@commands.command()
@click.argument("spec", default="recipes/factual.yaml", required=False)
@_values
@_cache
@click.option("--output", metavar="DIR", default="outputs", help="Where files would go.")
@click.option("--probe", is_flag=True, help="Ask endpoints elsewhere too: tiny calls, which cost.")
@click.option("--embeddings", metavar="MODEL", help="Ask the endpoints for an embedding as well.")
@click.option("--json", is_flag=True, help="Print the findings as JSON.")
def doctor(
    spec: str,
    cache: str,
    output: str,
    probe: bool,
    embeddings: str | None,
    json: bool,
    **values: Any,
) -> int:
    """Look whether a run would work: this machine, the endpoints, the models, with a fix for each.

    Without a spec it looks at recipes/factual.yaml. Models on this machine are asked some tiny
    questions, others only with `--probe`. Exits with 1 where there is a problem.
    """
    from atkc.cli.doctor.command import show_health
    from atkc.cli.loading import Chosen

    return show_health(
        Chosen(spec, **values), cache, output, probe=probe, embeddings=embeddings, json=json
    )


@commands.command()
def profiles() -> int:
    """List the presets for endpoints: name, address, variable with the key, models."""
    from atkc.cli.profiles import show_profiles

    return show_profiles()


@commands.command("serve-model")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8082, show_default=True, help="0 takes a free port.")
@click.option("--latency", default=0.0, help="Seconds before each reply.")
@click.option("--rate-429", default=0.0, help="Share of calls refused with 429 and Retry-After.")
@click.option("--retry-after", default=1.0, show_default=True, help="Seconds, told with a 429.")
@click.option("--rate-500", default=0.0, help="Share of calls that fail with 500.")
@click.option("--drop", default=0.0, help="Share of calls whose connection is dropped.")
@click.option("--cut-off", default=0.0, help="Share of replies cut off at their length.")
@click.option("--nonsense", default=0.0, help="Share of replies that fit no format.")
@click.option("--hang", default=0.0, help="Share of calls that are never answered.")
@click.option("--seed", default=0, help="Which calls the faults hit.")
@click.option("--steady", is_flag=True, help="What was cut off, or nonsense, comes so each time.")
@click.option("--count-repeats", is_flag=True, help="Tell at /stats what was asked more than once.")
@click.option("--any-model", is_flag=True, help="Answer to every name of a model.")
@click.option("--key-env", metavar="NAME", help="Require the key that this variable holds.")
@click.option("--ignore-format", is_flag=True, help="`response_format` has no effect.")
@click.option("--refuse-format", is_flag=True, help="`response_format` is refused.")
@click.option("--refuse-seed", is_flag=True, help="`seed` is refused.")
@click.option("--ignore-length", is_flag=True, help="`max_tokens` has no effect.")
@click.option("--hide-length", is_flag=True, help="A reply that was cut says `stop`.")
@click.option("--ignore-stop", is_flag=True, help="`stop` has no effect.")
@click.option("--no-models", is_flag=True, help="There is no list of models.")
@click.option("--open-models", is_flag=True, help="The list of models asks for no key.")
@click.option("--no-usage", is_flag=True, help="Replies tell no token counts.")
@click.option(
    "--reasoning",
    type=click.Choice(["", "field", "text"]),
    default="",
    help="Tell a thought beside the text, or in it.",
)
@click.option("--context", type=click.IntRange(1), help="The context length told, as by vLLM.")
@click.option("--batch-delay", default=0.0, help="Seconds before a batch is answered.")
def serve_model(**options: Any) -> int:
    """Serve the offline model in OpenAI's protocol, for tests and CI, with faults on demand."""
    from atkc.cli.serving import serve_offline

    return serve_offline(**options)
