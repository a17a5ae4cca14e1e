"""Hold the training configs of an output folder against axolotl's own schema.

    python scripts/validate_axolotl.py outputs/factual [more folders or YAML files]
    python scripts/validate_axolotl.py --write tests/stdlib/exporters/axolotl_schema.json

The pinned wheel is fetched by pip into a temporary folder, without its dependencies; what its
schemas import beyond pydantic (torch, transformers, …) is stood in for. Prints keys that axolotl
does not know, values that do not fit, and its warnings. Exit code: 0 all fit, 1 findings, 2 usage.
"""

from __future__ import annotations

import argparse
import enum
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import subprocess
import sys
import tempfile
import types
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

VERSION = "0.19.0"
# Imported by the schemas, for functions that only a run on a GPU calls.
_STOOD_IN = ("torch", "transformers", "accelerate", "PIL", "axolotl.utils.distributed")
_ENTRY_LISTS = ("datasets", "test_datasets")


class _Resampling(enum.IntEnum):
    NEAREST, LANCZOS, BILINEAR, BICUBIC = range(4)


class _No:
    """Says no to whatever it is asked: `torch.cuda.is_available()`."""

    def __call__(self, *_: Any, **__: Any) -> bool:
        return False

    def __getattr__(self, name: str) -> _No:
        return self


class _StandIn(types.ModuleType):
    """A module of which every name says no."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "is_main_process":
            return lambda: True
        return _Resampling if name == "Resampling" else _No()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if not any(name == known or name.startswith(f"{known}.") for known in _STOOD_IN):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def schema_class(folder: Path) -> Any:
    """Return axolotl's model of a config with the arguments of its Liger plug-in."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    pip += ["--disable-pip-version-check", "--only-binary", ":all:", "--python-version", "3.11"]
    subprocess.run([*pip, "--dest", str(folder), f"axolotl=={VERSION}"], check=True)
    (wheel,) = folder.glob("axolotl-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    sys.path.insert(0, str(folder))
    sys.meta_path.insert(0, _Finder())
    config = importlib.import_module("axolotl.utils.schemas.config").AxolotlInputConfig
    # By its file: the package around it imports the trainer.
    place = folder / "axolotl" / "integrations" / "liger" / "args.py"
    spec = importlib.util.spec_from_file_location("liger_args", place)
    assert spec is not None
    assert spec.loader is not None
    liger = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(liger)
    return types.new_class("Config", (config, liger.LigerArgs))


def entry_class() -> Any:
    """Return axolotl's model of an entry under `datasets`."""
    return importlib.import_module("axolotl.utils.schemas.datasets").SFTDataset


def findings(model: Any, config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a config, and what axolotl warns of."""
    from pydantic import ValidationError

    yield from (f"unknown key `{key}`" for key in unknown(model, config))
    for name in _ENTRY_LISTS:
        for n, entry in enumerate(config.get(name) or []):
            for key in unknown(entry_class(), entry):
                yield f"unknown key `{name}[{n}].{key}`"
    heard = _Heard()
    logging.getLogger("axolotl").addHandler(heard)
    try:
        model.model_validate(json.loads(json.dumps(config)))
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"]) or "config"
            yield f"`{place}`: {item['msg']}"
    finally:
        logging.getLogger("axolotl").removeHandler(heard)
    yield from (f"warning: {message}" for message in heard.messages)


def unknown(model: Any, config: Mapping[str, Any]) -> list[str]:
    """Return the keys of a mapping that the model does not have."""
    known = set(model.model_fields)
    known |= {str(f.alias) for f in model.model_fields.values() if f.alias}
    return [key for key in config if key not in known]


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def relied_on(model: Any) -> dict[str, Any]:
    """Return the JSON Schema of those keys that the exporter can write, less descriptions."""
    from atkc.stdlib.exporters.axolotl_datasets import ENTRY_KEYS
    from atkc.stdlib.exporters.axolotl_keys import KEYS

    entry = {"type": "object", "properties": _typed(entry_class(), ENTRY_KEYS)}
    entry["additionalProperties"] = False
    properties = _typed(model, [key for key in KEYS if key not in _ENTRY_LISTS])
    properties |= {name: {"type": "array", "items": entry} for name in _ENTRY_LISTS}
    return {
        "axolotl": VERSION,
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "additionalProperties": False,
    }


def _typed(model: Any, keys: Sequence[str]) -> dict[str, Any]:
    from pydantic import TypeAdapter

    fields = {f.alias or name: f for name, f in model.model_fields.items()}
    if missing := [key for key in keys if key not in fields]:
        raise SystemExit(f"axolotl {VERSION} has no key {', '.join(missing)}")
    return {key: _bare(TypeAdapter(fields[key].annotation).json_schema()) for key in sorted(keys)}


def _bare(schema: Any, defined: Mapping[str, Any] | None = None) -> Any:
    """Return a schema without words, its definitions put where they are referred to."""
    if isinstance(schema, list):
        return [_bare(item, defined) for item in schema]
    if not isinstance(schema, dict):
        return schema
    defined = schema.get("$defs", defined)
    if "$ref" in schema:
        return _bare((defined or {})[schema["$ref"].removeprefix("#/$defs/")], defined)
    words = ("description", "title", "default", "$defs")
    return {key: _bare(value, defined) for key, value in schema.items() if key not in words}


def configs_in(given: Sequence[str]) -> list[Path]:
    """Return the YAML files given, and those in the folders given."""
    out: list[Path] = []
    for path in map(Path, given):
        out += sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return out


def validate(model: Any, files: Sequence[Path]) -> bool:
    """Print what is found in each file; return whether all is well."""
    import yaml

    well = True
    for file in files:
        found = list(findings(model, yaml.safe_load(file.read_text("utf-8"))))
        bad = [line for line in found if not line.startswith("warning: ")]
        well = well and not bad
        print(f"{file}: {len(bad)} findings against axolotl {VERSION}")
        print("".join(f"  {line}\n" for line in found), end="")
    return well


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("paths", nargs="*", help="output folders or YAML files")
    parser.add_argument("--write", metavar="FILE", help="write the schema of the keys relied on")
    options = parser.parse_args()
    files = configs_in(options.paths)
    if not files and not options.write:
        parser.error("no YAML file given")
    with tempfile.TemporaryDirectory() as folder:
        model = schema_class(Path(folder))
        if options.write:
            text = json.dumps(relied_on(model), indent=1, sort_keys=True)
            Path(options.write).write_text(text + "\n", encoding="utf-8", newline="\n")
        return 0 if validate(model, files) else 1


if __name__ == "__main__":
    sys.exit(main())
