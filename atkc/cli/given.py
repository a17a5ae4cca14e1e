"""Values for parameters: `--params` < `ATKC_PARAM_NAME` < `--set`, with base folders.

Below them all stands `--profile` (`profiles.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from atkc.compiler.params import Given
from atkc.runtime.errors import UsageError
from atkc.spec.nodes import MapNode, plain
from atkc.spec.source import Source
from atkc.spec.yamltext import load, read

PREFIX = "ATKC_PARAM_"


def given_values(
    sets: Sequence[str], files: Sequence[str], environment: Mapping[str, str], names: Sequence[str]
) -> list[Given]:
    """Return the values in the order in which they count, the last one most.

    `names` are the spec's parameters: a variable of the environment is matched to one whatever
    its case. Raises UsageError for text that is no YAML and a file that is no mapping.
    """
    out: list[Given] = []
    here = str(Path.cwd())
    for file in files:
        out += _from_file(file)
    by_name = {name.upper().replace("-", "_"): name for name in names}
    for variable, text in sorted(environment.items()):
        if variable.startswith(PREFIX):
            word = variable.removeprefix(PREFIX)
            name = by_name.get(word.upper(), word.lower())
            out.append(Given((name,), _value(text, variable), variable, here))
    for item in sets:
        name, equals, text = item.partition("=")
        if not equals or not name:
            raise UsageError(f"`--set {item}` is not `name=value`")
        path = tuple(name.split("/"))
        out.append(Given(path, _value(text, f"--set {name}"), f"--set {name}", here))
    return out


def _value(text: str, origin: str) -> Any:
    if not text:
        return ""
    node, found = load(Source(origin, text))
    if any(d.severity == "error" for d in found):
        return text  # not YAML, so it is the text itself: `--set title=Yes: no`
    return text if node is None else plain(node)


def _from_file(file: str) -> list[Given]:
    base = str(Path(file).absolute().parent)
    values = read_mapping(file, "--params")
    return [Given((name,), value, file, base) for name, value in values.items()]


def read_mapping(file: str, option: str) -> dict[str, Any]:
    """Return the values in a file of parameters; raises UsageError, which names the option."""
    source = read(file)
    if not isinstance(source, Source):
        raise UsageError(f"{option}: {source.message}")
    node, found = load(source)
    errors = [d for d in found if d.severity == "error"]
    if errors:
        place = errors[0].span
        raise UsageError(f"{option} {place}: {errors[0].message}")
    if not isinstance(node, MapNode):
        raise UsageError(f"{option} {file}: the file must be a mapping of names to values")
    return dict(plain(node))


def environment_with(file: str | None) -> dict[str, str]:
    """Return the environment, with the lines `NAME=value` of a file added and put in force."""
    if file is not None:
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--env-file: `{file}` cannot be read: {error}") from None
        for number, line in enumerate(lines, 1):
            text = line.strip().removeprefix("export ").strip()
            if not text or text.startswith("#"):
                continue
            name, equals, value = text.partition("=")
            if not equals:
                raise UsageError(f"--env-file {file}:{number}: the line is not `NAME=value`")
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))
    return dict(os.environ)
