"""Reply formats: one reader each, all of them linear in the length of the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from atkc.runtime.errors import ReplyError
from atkc.spec.contract import Contract, from_json
from atkc.stdlib.replies import lists, objects, plain, sections, tags
from atkc.stdlib.replies.placing import Data
from atkc.stdlib.replies.reasoning import without_reasoning
from atkc.stdlib.replies.values import is_encodable
from atkc.stdlib.replies.wording import refuse_words

Reader = Callable[[Contract, str, bool], list[Data]]

READERS: Mapping[str, Reader] = {
    "json": objects.read,
    "sections": sections.read,
    "verdict": sections.read,
    "tags": tags.read,
    "list": lists.read,
    "text": plain.read_text,
    "regex": plain.read_regex,
    "grammar": plain.read_grammar,
}
_CUTTABLE = ("json", "sections", "tags", "list", "regex")

_known: dict[int, tuple[Mapping[str, Any], Contract]] = {}


def parse_reply(
    contract: Mapping[str, Any] | Contract, text: str, truncated: bool = False
) -> list[Data]:
    """Return the items of a reply; exactly one unless the contract has `each`.

    `truncated` says that the model stopped at `max_tokens`. Raises `ReplyError` of kind `empty`,
    `no-json`, `missing-field`, `wrong-type`, `no-verdict`, `ambiguous-verdict`, `too-few`,
    `too-many`, `refused` or `truncated`.
    """
    known = contract if isinstance(contract, Contract) else _contract(contract)
    text = without_reasoning(text)
    if not text.strip():
        raise ReplyError("empty", "the reply is empty")
    if not text.isascii() and not is_encodable(text):
        raise ReplyError("wrong-type", "the reply holds half a character (a lone surrogate)")
    if truncated and not (known.keep_closed and known.format in _CUTTABLE):
        raise ReplyError("truncated", "the reply stopped at the token limit")
    refuse_words(text, known.refuse)
    items = READERS[known.format](known, text, truncated)
    _check_count(known, len(items))
    return items


def _check_count(contract: Contract, count: int) -> None:
    each = contract.each
    if each is None:
        return
    if count < each.least:
        raise ReplyError("too-few", f"the reply has {count} items, fewer than {each.least}")
    if each.most is not None and count > each.most:
        raise ReplyError("too-many", f"the reply has {count} items, more than {each.most}")


def _contract(data: Mapping[str, Any]) -> Contract:
    """Return a plan's contract; each mapping is decoded once, and kept so that its id stays its."""
    found = _known.get(id(data))
    if found is None or found[0] is not data:
        if len(_known) > 1000:
            _known.clear()
        found = _known[id(data)] = (data, from_json(data))
    return found[1]
