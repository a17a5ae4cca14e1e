"""Rendering templates: Jinja's immutable sandbox, less all that could call, leak or blow up."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2 import TemplateError as JinjaError
from jinja2.compiler import CodeGenerator, Frame
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from atkc.spec.diagnostic import Problem
from atkc.spec.template.failure import TemplateError
from atkc.spec.template.filters import FILTERS
from atkc.spec.template.kinds import LOOP
from atkc.spec.template.printing import MAX_TEXT, check_size, describe, spell, text_of
from atkc.spec.template.questions import QUESTIONS
from atkc.spec.template.syntax import parse

MAX_LOOPS = 1_000_000  # turns of all loops in one rendering
_MAX_BITS = 4096  # of a product of integers
_LOOP_FIELDS = frozenset(LOOP.names())
_WRONG_VALUE = (ArithmeticError, LookupError, TypeError, ValueError, RecursionError)


class Missing(StrictUndefined):
    """A value that is not there: false in a condition, equal to nothing, an error elsewhere."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]
        return False

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return isinstance(other, Missing)

    def __ne__(self, other: object) -> bool:  # type: ignore[override]
        return not isinstance(other, Missing)

    __hash__ = None  # type: ignore[assignment]


class CountingContext(Context):
    """A rendering that knows how many turns its loops have made."""

    turns = 0


@pass_context
def _turns(context: CountingContext, items: Any) -> Iterator[Any]:
    if not isinstance(items, list | tuple):
        raise TemplateError(f"{describe(items)} stands where a list is needed")
    for item in items:
        context.turns += 1
        if context.turns > MAX_LOOPS:
            raise TemplateError(f"the loops make more than {MAX_LOOPS} turns")
        yield item


class _Generator(CodeGenerator):
    """Writes `~` as a bounded join that refuses what cannot be printed."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 -- Jinja's name
        self.write("environment.text_of((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class Sandbox(ImmutableSandboxedEnvironment):
    """Keys and nothing but keys, no globals, and operators that cannot blow up a text."""

    code_generator_class = _Generator
    context_class = CountingContext
    intercepted_binops = frozenset({"+", "*", "%"})
    text_of = staticmethod(text_of)

    def __init__(self) -> None:
        super().__init__(
            undefined=Missing,
            finalize=spell,
            optimized=False,  # constants are not folded: the bounds hold while rendering only
            autoescape=False,
            keep_trailing_newline=True,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {name: spec.body for name, spec in FILTERS.items()}
        self.filters["turns"] = _turns
        self.tests = {name: question.body for name, question in QUESTIONS.items()}
        self.binop_table.update({"+": _add, "*": _times, "%": _modulo})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the field of a record; objects have no attributes, save `loop`."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in _LOOP_FIELDS:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a record's field or a list's item."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, list | tuple | str) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        check_size(len(left) + len(right))
        return left + right
    return operator.add(*_numbers(left, right))


def _times(left: Any, right: Any) -> Any:
    a, b = _numbers(left, right)
    if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > _MAX_BITS:
        raise TemplateError("a product is too large")
    return a * b


def _modulo(left: Any, right: Any) -> Any:
    return operator.mod(*_numbers(left, right))


def _numbers(left: Any, right: Any) -> tuple[Any, Any]:
    for value in (left, right):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TemplateError(f"{describe(value)} stands where a number is needed")
    return left, right


_SANDBOX = Sandbox()


@lru_cache(maxsize=4096)
def _code(text: str) -> Any:
    """Return the root function of the compiled template."""
    found = parse(text)
    if isinstance(found, Problem):
        raise TemplateError(found.message)
    tree = Parser(_SANDBOX, text).parse()
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "turns", [], [], None, None, lineno=loop.lineno)
    tree.set_environment(_SANDBOX)
    try:
        code = _SANDBOX.compile(tree)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise TemplateError("the template is nested too deeply") from error
    return _SANDBOX.template_class.from_code(_SANDBOX, code, {}).root_render_func


def compile_template(
    text: str, constants: Mapping[str, Any] | None = None
) -> Callable[[Mapping[str, Any]], str]:
    """Return a function from variables to text; it raises `TemplateError`, and so does compiling.

    `constants` are variables that every rendering sees; a variable of the same name hides one.
    """
    root = _code(text)
    fixed = dict(constants or {})

    def render(variables: Mapping[str, Any]) -> str:
        values = {**fixed, **variables}
        context = CountingContext(_SANDBOX, values, "template", {})
        try:
            return _gather(root(context))
        except JinjaError as error:
            raise TemplateError(str(error)) from None
        except _WRONG_VALUE as error:
            raise TemplateError(f"the template cannot be rendered: {error}") from None

    return render


def _gather(pieces: Iterator[str]) -> str:
    parts: list[str] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > MAX_TEXT:
            check_size(size)
    return "".join(parts)
