"""Reading a template: the tree with places, or the first construct that templates may not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser
from msgspec import Struct

from atkc.spec.diagnostic import Problem
from atkc.spec.suggest import hint
from atkc.spec.template.filters import FILTERS, Argument
from atkc.spec.template.lexer import PlacedEnvironment, offset_of, token_span, word_span
from atkc.spec.template.questions import QUESTIONS

MAX_DEPTH = 50  # nodes within nodes
_LOOP_DEPTH = 6  # a loop counts as so many: Python's own compiler knows at most 20 in each other
_ENVIRONMENT = PlacedEnvironment(keep_trailing_newline=True)

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.For, nodes.If, nodes.CondExpr, nodes.Assign, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Const, nodes.List,
    nodes.Dict, nodes.Pair, nodes.Keyword,
)  # fmt: skip

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call block",
    nodes.FilterBlock: "a filter block",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "`extends`",
    nodes.Block: "a block",
    nodes.Call: "a call",
    nodes.AssignBlock: "`set` without `=`",
    nodes.NSRef: "an assignment to an attribute",
    nodes.Tuple: "several values at once",
    nodes.Slice: "a slice",
    nodes.Pow: "a power",
    nodes.With: "`with`",
}
_TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set", "raw", "endraw")
_HELP: dict[type[nodes.Node], str] = {
    nodes.Call: "use a filter, as in `{{ words | join(', ') }}`",
    nodes.Include: "write the text here, or in a field with `render`",
}


class Template(Struct, frozen=True):
    """A template that may be used: its text, and the tree whose nodes know their places."""

    text: str
    tree: nodes.Template


@lru_cache(maxsize=1024)  # whoever gets a tree reads it and leaves it as it is
def parse(text: str) -> Template | Problem:
    """Return the template, or what is wrong with its syntax (ATK410, ATK411, ATK414)."""
    # Same length, so that places stay true; Jinja itself would shorten the text.
    flat = text.replace("\r\n", " \n").replace("\r", "\n")
    try:
        tree = Parser(_ENVIRONMENT, flat).parse()
        problem = next(_refused(tree, flat, 0), None)
    except TemplateSyntaxError as error:
        return _syntax_problem(error, flat)
    except RecursionError:
        return Problem("ATK410", "the template is nested too deeply", 0, len(text))
    return problem or Template(text, tree)


def _syntax_problem(error: TemplateSyntaxError, text: str) -> Problem:
    said = error.message or ""
    start, end = word_span(text, offset_of(error.lineno, text))
    unknown = re.match(r"Encountered unknown tag '(\w+)'", said)
    if unknown and not unknown[1].startswith("end"):
        tag = unknown[1]
        return Problem("ATK411", f"there is no tag `{tag}`", start, end, hint(tag, _TAGS))
    first = re.split(r"\.\s|\sat \d+$", said, maxsplit=1)[0].rstrip(".")
    first = re.sub(r"'([^']+)'", r"`\1`", first)
    return Problem("ATK410", f"the template cannot be read: {_lower(first)}", start, end)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _refused(node: nodes.Node, text: str, depth: int) -> Iterator[Problem]:
    """Yield what is not allowed, in the order of the text."""
    start, end = token_span(node, text)
    if depth > MAX_DEPTH:
        yield Problem("ATK410", "the template is nested too deeply", start, end)
        return
    said = _why_refused(node)
    if said:
        what, help_ = said
        yield Problem("ATK411", f"a template cannot have {what}", start, end, help_)
        return
    yield from _word_problem(node, start, end)
    step = _LOOP_DEPTH if isinstance(node, nodes.For) else 1
    for child in node.iter_child_nodes():
        yield from _refused(child, text, depth + step)


def _why_refused(node: nodes.Node) -> tuple[str, str | None] | None:
    if not isinstance(node, _ALLOWED):
        kind = type(node)
        return _REFUSED.get(kind, f"`{kind.__name__.lower()}`"), _HELP.get(kind)
    if isinstance(node, nodes.Getitem) and not _is_constant_key(node.arg):
        return "a key that is not constant", "write the key as a number or in quotes"
    if isinstance(node, nodes.For) and node.recursive:
        return "a recursive loop", None
    if isinstance(node, nodes.Name) and node.name in ("self", "caller", "varargs", "kwargs"):
        return f"a variable `{node.name}`, a word of Jinja's own", "rename the field"
    if isinstance(node, nodes.Name) and node.ctx == "store" and node.name == "loop":
        return "a variable `loop`, a word of Jinja's own", "use another name"
    return None


def _is_constant_key(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Neg):
        return isinstance(node.node, nodes.Const) and type(node.node.value) is int
    return isinstance(node, nodes.Const) and type(node.value) in (int, str)


def _word_problem(node: nodes.Node, start: int, end: int) -> Iterator[Problem]:
    if not isinstance(node, nodes.Filter | nodes.Test):
        return
    kind = "filter" if isinstance(node, nodes.Filter) else "test"
    known = FILTERS if isinstance(node, nodes.Filter) else QUESTIONS
    word = known.get(node.name)
    if word is None:
        help_ = hint(node.name, known) or "use one of " + ", ".join(sorted(known))
        yield Problem("ATK414", f"there is no {kind} `{node.name}`", start, end, help_)
        return
    wrong = _argument_problem(node, word.arguments)
    if wrong:
        yield Problem("ATK404", f"the {kind} `{node.name}` {wrong}", start, end)


def _argument_problem(
    node: nodes.Filter | nodes.Test, expected: tuple[Argument, ...]
) -> str | None:
    names = [a.name for a in expected]
    if node.dyn_args or node.dyn_kwargs:
        return "takes no `*` or `**`"
    if len(node.args) > len(names):
        return f"takes at most {len(names)} arguments, not {len(node.args)}"
    given = set(names[: len(node.args)])
    for key in (str(keyword.key) for keyword in node.kwargs):
        if key not in names:
            return f"has no argument `{key}`"
        if key in given:
            return f"is given `{key}` twice"
        given.add(key)
    missing = [a.name for a in expected if a.required and a.name not in given]
    return f"needs `{missing[0]}`" if missing else None
