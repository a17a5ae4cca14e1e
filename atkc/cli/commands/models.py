"""The models that a run asks, and the offline one as a server."""

from __future__ import annotations

from typing import Any

import click

from atkc.cli.commands.options import cache_folder, values


@click.command()
@click.argument("spec", default="recipes/factual.yaml", required=False)
@values
@cache_folder
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


@click.command()
def profiles() -> int:
    """List the presets for endpoints: name, address, variable with the key, models."""
    from atkc.cli.profiles import show_profiles

    return show_profiles()


@click.command("serve-model")
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
