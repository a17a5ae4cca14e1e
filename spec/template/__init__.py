"""Templates: Jinja text in prompts and `render`, with exact places, types and a strict sandbox."""

from __future__ import annotations

from atkc.spec.template.checking import Reading, check, examine
from atkc.spec.template.failure import TemplateError
from atkc.spec.template.rendering import compile_template
from atkc.spec.template.syntax import Template, parse

__all__ = [
    "Reading",
    "Template",
    "TemplateError",
    "check",
    "compile_template",
    "examine",
    "parse",
]
