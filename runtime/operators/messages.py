"""The messages of a prompt for one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from atkc.compiler.plan import Prompt
from atkc.runtime.api import Message
from atkc.runtime.formulas import template

Renderer = Callable[[Mapping[str, Any]], tuple[Message, ...]]


def renderer(prompt: Prompt) -> Renderer:
    """Return what renders a prompt; the reply contract in words ends the last user message."""
    parts = [(message.role, template(message.content)) for message in prompt.messages]
    users = [index for index, (role, _) in enumerate(parts) if role == "user"]
    last = users[-1] if users else len(parts) - 1

    def render(data: Mapping[str, Any]) -> tuple[Message, ...]:
        messages = [{"role": role, "content": text(data)} for role, text in parts]
        if prompt.instructions:
            said = messages[last]["content"].rstrip("\n")
            messages[last]["content"] = f"{said}\n\n{prompt.instructions}"
        return tuple(messages)

    return render
