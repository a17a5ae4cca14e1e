"""What a template that cannot be rendered raises; the runtime makes a failed record of it."""

from __future__ import annotations


class TemplateError(Exception):
    """A template and its values do not go together; `kind` is a short stable word."""

    kind = "template"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
