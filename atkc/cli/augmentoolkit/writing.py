"""params.yaml: the parameters in the order and under the headings of the recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from atkc.spec.nodes import MapNode, ScalarNode, plain
from atkc.spec.places import real
from atkc.spec.source import Source
from atkc.spec.yamltext import load

_PLAIN = re.compile(r"[A-Za-z_][\w/-]*(?: [\w/-]+)*")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


class _Dumper(yaml.SafeDumper):
    """Quotes every text that some reader of YAML could take for something else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Indent the items of lists below their key."""
        return super().increase_indent(flow, indentless and False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"'
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        style = ""
    elif "\n" in text.strip("\n") and not re.search(r"[^\S\n ]|\s\n|\A\s|[^\n\x20-\ud7ff]", text):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def params_text(params: Mapping[str, Any], recipe: str, head: str) -> str:
    """Return the file of parameters."""
    order = _declared(recipe)
    assert params.keys() <= order.keys(), params.keys() - order.keys()
    lines, group = [head], ""
    for name in sorted(params, key=_ranks(order).__getitem__):
        if order[name] != group:
            group = order[name]
            lines.append(f"\n# {group}\n")
        lines.append(_dump({name: params[name]}))
    text = "".join(lines)
    node, found = load(Source("params.yaml", text))
    assert node is not None, found
    assert plain(node) == dict(params), "what is written reads back as it was"
    return text


def _dump(value: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        dict(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6
    )
    return text


def _declared(recipe: str) -> dict[str, str]:
    """Return the parameters of a recipe with their groups, in order."""
    root = load(Source(recipe, real(recipe).read_text(encoding="utf-8")))[0]
    declared = root.get("params") if isinstance(root, MapNode) else None
    assert isinstance(declared, MapNode)
    return {name.text: _group(node) for name, node in declared.entries}


def _ranks(order: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Return where each parameter stands: groups in order, and parameters within them."""
    groups = list(dict.fromkeys(order.values()))
    return {name: (groups.index(group), n) for n, (name, group) in enumerate(order.items())}


def _group(node: Any) -> str:
    found = node.get("group") if isinstance(node, MapNode) else None
    return found.text if isinstance(found, ScalarNode) else "settings"
