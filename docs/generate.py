"""Write the tables of docs/generated from the code: `python docs/generate.py`; `--check` compares.

Nothing in these tables is written by hand: they show what signatures and tables of the code say.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from atkc.cli.entry import commands
from atkc.runtime.failure_kinds import CALL, DATA, REPLY, SOURCE
from atkc.runtime.failure_kinds import KINDS as FAILURES
from atkc.spec.codes import CODES
from atkc.spec.contract_model import JUDGING, LABEL_KEYS
from atkc.spec.expression.functions import FUNCTIONS
from atkc.spec.rowtype import Type, show
from atkc.spec.signature import REQUIRED, Option
from atkc.spec.template.filters import FILTERS
from atkc.spec.template.kinds import KINDS
from atkc.stdlib.exporters import EXPORTERS
from atkc.stdlib.functions import FUNCTIONS as STEP_FUNCTIONS
from atkc.stdlib.readers import READERS
from atkc.stdlib.replies import READERS as REPLIES

FOLDER = Path(__file__).parent / "generated"
PAGE = Path(__file__).with_name("factual.md")
BEGIN = "<!-- parameters: written by `python docs/generate.py` -->"
END = "<!-- end of parameters -->"
HEAD = "<!-- Written by `python docs/generate.py`; edits are lost. -->\n"
_TAKES = {
    **{kind: words for kind, (words, _) in KINDS.items()},
    "any": "any value",
    "maybe": "any value, also one that is absent",
}


def cell(text: str) -> str:
    """Return a text as a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(heads)
    lines = [names, ["---"] * len(names), *([cell(c) for c in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _value(value: Any) -> str:
    if value is REQUIRED:
        return "required"
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= 40 else "all"


def _type(kind: Type) -> str:
    text = show(kind)
    return f"`{text}`" if len(text) <= 90 else f"`{text[:80]}…`"


def _options(options: Mapping[str, Option]) -> str:
    if not options:
        return "No options.\n"
    rows = [
        (f"`{name}`", _type(o.type), _value(o.default), o.description)
        for name, o in options.items()
    ]
    return table(("option", "type", "default", ""), rows)


def readers() -> str:
    """Return the readers of `source: read:`."""
    parts = ["# Readers\n"]
    for name, (signature, _) in READERS.items():
        fields = "stated in the step under `fields:`"
        if name == "inline":
            fields = "those of the rows, or stated under `fields:`"
        if signature.fields is not None:
            fields = f"`{show(signature.fields)}`"
        known = "all fields"
        if signature.content is not None:
            known = ", ".join(f"`{n}`" for n in signature.content)
        parts.append(
            f"\n## {name}\n\n{signature.description}\n\n"
            f"Fields: {fields}. A record is known by: {known}.\n\n{_options(signature.options)}"
        )
    return "".join(parts)


def step_functions() -> str:
    """Return the functions of `map: apply:`."""
    parts = ["# Step functions\n"]
    for name, (s, _) in STEP_FUNCTIONS.items():
        known = " A child is known by its content." if s.identity == "content" else ""
        costly = " Its results are kept in the cache." if s.costly else ""
        parts.append(
            f"\n## {name}\n\n{s.description}\n\n{s.cardinality}.{known}{costly}\n\n"
            f"{_options(s.options)}"
        )
    return "".join(parts)


def exporters() -> str:
    """Return the formats of `export: format:`."""
    parts = ["# Export formats\n"]
    for name, (s, _) in EXPORTERS.items():
        takes = "Takes the `.files` of other exports." if s.reads_files else "Takes records."
        described = s.description
        if described.startswith("{"):
            row, _, rest = described.rpartition("}")
            described = f"`{row}}}`{rest}"
        parts.append(f"\n## {name}\n\n{described}\n\n{takes}\n\n{_options(s.options)}")
    return "".join(parts)


def functions() -> str:
    """Return the functions of expressions."""
    rows = [(f"`{f.show(name)}`", f.says) for name, f in FUNCTIONS.items()]
    return "# Functions of expressions\n\n" + table(("call", ""), rows)


def filters() -> str:
    """Return the filters of templates."""
    rows = []
    for name, f in FILTERS.items():
        arguments = ", ".join(a.name if a.required else f"{a.name}?" for a in f.arguments)
        call = f"`{name}({arguments})`" if arguments else f"`{name}`"
        rows.append(
            (call, _TAKES[f.takes], "nothing, if the list is empty" if f.may_be_absent else "")
        )
    return "# Filters of templates\n\n" + table(("filter", "takes", "may give"), rows)


def reply_formats() -> str:
    """Return the reply formats: where a field says its place, and what reads the reply."""
    rows = []
    for name, read in REPLIES.items():
        place = LABEL_KEYS.get(name)
        judging = "yes" if name in JUDGING else ""
        rows.append(
            (f"`{name}`", f"`{place}`" if place else "the only field", judging, _first(read))
        )
    heads = ("format", "a field's place", "`verdict`, `reason`", "reading it")
    return "# Reply formats\n\n" + table(heads, rows)


def _first(function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function) or ""
    return text.partition("\n\n")[0]


def diagnostics() -> str:
    """Return the diagnostic codes."""
    rows = [(code, c.severity, c.title) for code, c in CODES.items()]
    return "# Diagnostic codes\n\n" + table(("code", "severity", "what it stands for"), rows)


def failures() -> str:
    """Return the kinds of failures."""
    titles = {
        CALL: "Calls without a reply: any run asks again",
        REPLY: "Replies that cannot be accepted: `atkc retry` asks again",
        DATA: "Records",
        SOURCE: "Documents and rows",
    }
    parts = ["# Kinds of failures\n"]
    for origin, title in titles.items():
        found = (
            (f"`{name}`", k.what, k.advice) for name, k in FAILURES.items() if k.origin == origin
        )
        parts.append(f"## {title}\n\n" + table(("kind", "what happened", "what to do"), found))
    return "\n".join(parts)


def command_line() -> str:
    """Return all commands with their options."""
    parts = ["# Command line\n"]
    for path, command in _commands(commands, ()):
        name = " ".join(("atkc", *path))
        context = click.Context(command, info_name=name)
        usage = " ".join((name, *command.collect_usage_pieces(context)))
        told = inspect.cleandoc(command.help or "")
        parts.append(f"\n## {name}\n\n```\n{usage}\n```\n\n{told}\n")
        options = [p for p in command.params if isinstance(p, click.Option)]
        records = [p.get_help_record(context) for p in options]
        if rows := [(f"`{r[0]}`", r[1]) for r in records if r]:
            parts.append("\n" + table(("option", ""), rows))
    return "".join(parts)


def _commands(
    group: click.Group, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


def _parameters(name: str) -> str:
    """Return a table of docs/parameters.py, which is loaded by its place."""
    place = Path(__file__).with_name("parameters.py")
    found = importlib.util.spec_from_file_location("docs_parameters", place)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return str(getattr(module, name)())


def factual() -> str:
    """Return docs/factual.md with the tables between its marks made anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_parameters('main_recipe')}{END}{after}"


FILES: Mapping[str, Callable[[], str]] = {
    "command-line.md": command_line,
    "diagnostics.md": diagnostics,
    "exporters.md": exporters,
    "failures.md": failures,
    "filters.md": filters,
    "functions.md": functions,
    "readers.md": readers,
    "recipe-parameters.md": lambda: _parameters("sub_recipes"),
    "reply-formats.md": reply_formats,
    "step-functions.md": step_functions,
}


def main(arguments: list[str]) -> int:
    """Write the files, or with `--check` return 1 where one is stale."""
    stale = 0
    FOLDER.mkdir(exist_ok=True)
    for name, build in FILES.items():
        path, text = FOLDER / name, HEAD + build()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale = 1
            sys.stderr.write(f"docs/generated/{name} is stale: run `python docs/generate.py`\n")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    text = factual()
    if PAGE.read_text(encoding="utf-8") == text:
        return stale
    if "--check" in arguments:
        sys.stderr.write("docs/factual.md is stale: run `python docs/generate.py`\n")
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return stale


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
