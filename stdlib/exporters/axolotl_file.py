"""The format `axolotl`: a training config that names the written files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from atkc.runtime.api import Data, Options
from atkc.spec.rowtype import ANY, BOOLEAN, INTEGER, STRING, Enum, MapOf
from atkc.spec.signature import ExporterSignature, Option
from atkc.stdlib.chat.templates import source_of
from atkc.stdlib.exporters.axolotl_datasets import NOT_DATA, datasets_of
from atkc.stdlib.exporters.axolotl_keys import BY_STAGE, MODEL, STAGES, TRAINING
from atkc.stdlib.exporters.places import PATH, reads_files, relative
from atkc.stdlib.functions.fields import TEMPLATE_OPTION

_FEW_STEPS = 100

SIGNATURE = ExporterSignature(
    name="axolotl",
    version=1,
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
        "path": PATH,
    },
    shape=reads_files,
    reads_files=True,
    role="config",
    description="an axolotl YAML config over the files it is given",
)


def write(rows: Iterable[Data], path: Path, options: Options) -> tuple[int, int]:
    """Write the config; returns (files named, their tokens). Empty files are left out, and said."""
    files = [row for row in rows if row["role"] not in NOT_DATA]
    used = [file for file in files if file["records"]]
    tokens = sum(file["tokens"] for file in used)
    config = _config(used, options)
    empty = [relative(file["path"], options["path"]) for file in files if not file["records"]]
    comments = [*_steps(tokens, config), *(f"Left out, no records: {name}" for name in empty)]
    text = "".join(f"# {line}\n" for line in comments) + to_yaml(config)
    path.write_text(text, encoding="utf-8", newline="\n")
    return len(used), tokens


def to_yaml(value: Any) -> str:
    """Return YAML in block style with keys in their order."""
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
    return text


def _config(files: list[Data], options: Options) -> dict[str, Any]:
    datasets = datasets_of(files, options["path"])
    config = {
        "base_model": options["base_model"],
        **MODEL,
        "datasets": datasets,
        **BY_STAGE[options["stage"]],
        "sequence_len": options["sequence_len"],
        **TRAINING,
        **_template(datasets, options["template"]),
    }
    for key in ("hub_model_id", "hub_strategy", "wandb_project"):
        if options[key]:
            config[key] = options[key]
    if options["is_mistral_derived_model"]:
        config["is_mistral_derived_model"] = True
    config.update(options["extra"])
    return {key: value for key, value in config.items() if value is not None}


def _template(datasets: list[dict[str, Any]], template: str) -> dict[str, Any]:
    """Return the keys that only files of messages need; other files hold rendered text."""
    if not any(dataset["type"] == "chat_template" for dataset in datasets):
        return {}
    if template == "chatml":
        return {"chat_template": "chatml"}
    return {"chat_template": "jinja", "chat_template_jinja": source_of(template)}


def _steps(tokens: int, config: dict[str, Any]) -> list[str]:
    """Return comment lines on the optimizer steps to expect on one GPU."""
    batch = _number(config, "micro_batch_size") * _number(config, "gradient_accumulation_steps")
    room = _number(config, "sequence_len") * batch
    epochs = _number(config, "num_epochs")
    steps = math.floor(tokens * epochs / room) if room else 0
    shown = (
        f"{tokens} tokens x {epochs:g} epochs / ({_number(config, 'sequence_len'):g} x {batch:g})"
    )
    lines = [f"About {steps} optimizer steps on one GPU: {shown}."]
    if steps < _FEW_STEPS:
        few = f"WARNING: fewer than {_FEW_STEPS} steps teach little. Make more data, "
        lines.append(few + "train more epochs, or lower gradient_accumulation_steps.")
    return lines


def _number(config: dict[str, Any], key: str) -> float:
    value = config.get(key)
    return float(value) if isinstance(value, int | float) else 1.0
