"""The functions of `map: apply:`, and where each lives.

To add one: copy a file, add a line here, add a test.
"""

from __future__ import annotations

from atkc.runtime.api import Function
from atkc.spec.signature import FunctionSignature
from atkc.stdlib.functions import (
    chat_render,
    chat_segments,
    conversation_add_context,
    conversation_drop_system,
    conversation_each_turn,
    conversation_from_text,
    conversation_instruct,
    conversation_join,
    conversation_keep_after,
    conversation_replace_turn,
    conversation_system,
    conversation_turns,
    document_cut,
    document_join,
    text_chunk,
    text_compare,
    text_header,
    text_variation,
)

FUNCTIONS: dict[str, tuple[FunctionSignature, Function]] = {
    "chat.render": (chat_render.SIGNATURE, chat_render.apply),
    "chat.segments": (chat_segments.SIGNATURE, chat_segments.apply),
    "conversation.add_context": (
        conversation_add_context.SIGNATURE,
        conversation_add_context.apply,
    ),
    "conversation.drop_system": (
        conversation_drop_system.SIGNATURE,
        conversation_drop_system.apply,
    ),
    "conversation.each_turn": (conversation_each_turn.SIGNATURE, conversation_each_turn.apply),
    "conversation.from_text": (conversation_from_text.SIGNATURE, conversation_from_text.apply),
    "conversation.instruct": (conversation_instruct.SIGNATURE, conversation_instruct.apply),
    "conversation.join": (conversation_join.SIGNATURE, conversation_join.apply),
    "conversation.keep_after": (conversation_keep_after.SIGNATURE, conversation_keep_after.apply),
    "conversation.replace_turn": (
        conversation_replace_turn.SIGNATURE,
        conversation_replace_turn.apply,
    ),
    "conversation.system": (conversation_system.SIGNATURE, conversation_system.apply),
    "conversation.turns": (conversation_turns.SIGNATURE, conversation_turns.apply),
    "document.cut": (document_cut.SIGNATURE, document_cut.apply),
    "document.join": (document_join.SIGNATURE, document_join.apply),
    "text.chunk": (text_chunk.SIGNATURE, text_chunk.apply),
    "text.compare": (text_compare.SIGNATURE, text_compare.apply),
    "text.header": (text_header.SIGNATURE, text_header.apply),
    "text.variation": (text_variation.SIGNATURE, text_variation.apply),
}
