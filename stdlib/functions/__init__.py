"""The functions of `map: apply:`, and the file in which each lives as `SIGNATURE` and `apply`.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from atkc.runtime.api import Function
from atkc.spec.late import Late
from atkc.spec.signature import FunctionSignature

_FILES = {
    "chat.render": "chat_render",
    "chat.segments": "chat_segments",
    "conversation.add_context": "conversation_add_context",
    "conversation.drop_system": "conversation_drop_system",
    "conversation.each_turn": "conversation_each_turn",
    "conversation.from_text": "conversation_from_text",
    "conversation.instruct": "conversation_instruct",
    "conversation.join": "conversation_join",
    "conversation.keep_after": "conversation_keep_after",
    "conversation.replace_turn": "conversation_replace_turn",
    "conversation.system": "conversation_system",
    "conversation.turns": "conversation_turns",
    "document.cut": "document_cut",
    "document.join": "document_join",
    "text.chunk": "text_chunk",
    "text.compare": "text_compare",
    "text.header": "text_header",
    "text.variation": "text_variation",
}


def _word(name: str) -> tuple[FunctionSignature, Function]:
    module = import_module(f"{__name__}.{_FILES[name]}")
    return module.SIGNATURE, module.apply


FUNCTIONS: Mapping[str, tuple[FunctionSignature, Function]] = Late(_FILES, _word)
