"""The format `axolotl`: a training config that names the written files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options, WriteNote, Written
from atkc.spec.rowtype import ANY, BOOLEAN, INTEGER, STRING, Enum, ListOf, MapOf
from atkc.spec.signature import ExporterSignature, Option
from atkc.stdlib.chat.templates import source_of
from atkc.stdlib.exporters.axolotl_datasets import NOT_DATA, datasets_of, tests_of
from atkc.stdlib.exporters.axolotl_keys import BY_STAGE, MODEL, STAGES, TRAINING
from atkc.stdlib.exporters.axolotl_steps import Amount, accumulation, steps_of, told
from atkc.stdlib.exporters.places import PATH, is_held_out, reads_files, relative
from atkc.stdlib.functions.fields import TEMPLATE_OPTION

_START = "Train from this folder, since the paths begin here: axolotl train {}"

SIGNATURE = ExporterSignature(
    name="axolotl",
    version=2,
    options={
        "stage": Option(Enum(STAGES), description="continued pretraining or fine-tuning"),
        "base_model": Option(STRING, description="the model to train"),
        "sequence_len": Option(INTEGER, 5000, 1, "tokens of a training sequence"),
        "template": TEMPLATE_OPTION,
        "hub_model_id": Option(STRING, "", description="where the trained model is pushed"),
        "hub_strategy": Option(STRING, "", description="which checkpoints are pushed"),
        "wandb_project": Option(STRING, "", description="the project that logs the training"),
        "is_mistral_derived_model": Option(BOOLEAN, False, description="say so in the config"),
        "extra": Option(MapOf(ANY), {}, description="keys added or overriding; null takes one out"),
        "test_files": Option(
            ListOf(STRING),
            [],
            description="paths or patterns of files for evaluation, besides those with `held_out`",
        ),
        "least_steps": Option(INTEGER, 100, 0, "warn of fewer; small data accumulates less"),
        "more_data": Option(
            ListOf(STRING), [], description="parameters to raise for more data, told then"
        ),
        "path": PATH,
    },
    shape=reads_files,
    reads_files=True,
    role="config",
    description="an axolotl YAML config over the files it is given",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> Written:
    """Write the config; tells of the files named and their tokens, and of the steps to expect.

    Empty files are left out, and said. Files for evaluation stand under `test_datasets`.
    """
    files = [row for row in rows if row["role"] not in NOT_DATA]
    used = [file for file in files if file["records"]]
    tests = [file for file in used if is_held_out(file["path"], options["test_files"])]
    trained = [file for file in used if file not in tests]
    amount = Amount(_sum(trained, "tokens"), _sum(trained, "records"))
    config = _config(trained, tests, amount, options)
    few = _few(amount, config, options)
    empty = [relative(file["path"], options["path"]) for file in files if not file["records"]]
    comments = [_START.format(path.name), told(amount, config) + "."]
    comments += [f"WARNING: {note.message}." for note in few]
    comments += [f"Left out, no records: {name}" for name in empty]
    text = "".join(f"# {line}\n" for line in comments) + to_yaml(config)
    path.write_text(text, encoding="utf-8", newline="\n")
    return Written(len(used), _sum(used, "tokens"), _facts(amount, config), few)


def _sum(files: list[Data], key: str) -> int:
    return sum(file[key] for file in files)


def _facts(amount: Amount, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "steps": steps_of(amount, config),
        "trained_tokens": amount.tokens,
        "gradient_accumulation_steps": config.get("gradient_accumulation_steps"),
    }


def _few(amount: Amount, config: dict[str, Any], options: Options) -> tuple[WriteNote, ...]:
    steps, least = steps_of(amount, config), options["least_steps"]
    if steps >= least:
        return ()
    named = " or ".join(f"`{name}`" for name in options["more_data"])
    raise_ = f"raise {named}" if named else "give it more documents"
    message = (
        f"{steps} optimizer steps, fewer than {least}, teach little; {raise_}, or train more "
        "epochs (`extra: {num_epochs: …}`)"
    )
    return (WriteNote("few-steps", message),)


def to_yaml(value: Any) -> str:
    """Return YAML in block style with keys in their order."""
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
    return text


def _config(
    trained: list[Data], tests: list[Data], amount: Amount, options: Options
) -> dict[str, Any]:
    datasets = datasets_of(trained, options["path"])
    config = {
        "base_model": options["base_model"],
        **MODEL,
        "datasets": datasets,
        **_evaluated(tests, options),
        **BY_STAGE[options["stage"]],
        "sequence_len": options["sequence_len"],
        **TRAINING,
        **({"val_set_size": 0.0} if tests else {}),
        **_template(datasets, options["template"]),
    }
    for key in ("hub_model_id", "hub_strategy", "wandb_project"):
        if options[key]:
            config[key] = options[key]
    if options["is_mistral_derived_model"]:
        config["is_mistral_derived_model"] = True
    config.update(options["extra"])
    if "gradient_accumulation_steps" not in options["extra"]:
        steps = accumulation(amount, config, options["least_steps"])
        config["gradient_accumulation_steps"] = steps
    return {key: value for key, value in config.items() if value is not None}


def _evaluated(tests: list[Data], options: Options) -> dict[str, Any]:
    return {"test_datasets": tests_of(tests, options["path"])} if tests else {}


def _template(datasets: list[dict[str, Any]], template: str) -> dict[str, Any]:
    """Return the keys that only files of messages need; other files hold rendered text."""
    if not any(dataset["type"] == "chat_template" for dataset in datasets):
        return {}
    if template == "chatml":
        return {"chat_template": "chatml"}
    return {"chat_template": "jinja", "chat_template_jinja": source_of(template)}
