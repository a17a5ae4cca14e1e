"""Ways to ask the model in a test: messages with a reply contract, and the reply taken apart."""

from __future__ import annotations

import json
import re
from typing import Any

from atkc.spec.contract import Contract, instructions, parse_contract
from atkc.stdlib.extractive.model import complete

VERDICT = {
    "format": "verdict",
    "reason": True,
    "verdict": {"values": {"pass": ["SOUND"], "fail": ["UNSOUND"]}},
}
PAIR = {"format": "json", "fields": {"question": "string", "answer": "string"}}
PAIRS = {**PAIR, "each": {"min": 1, "max": 6}}


def contract_of(reply: dict[str, Any]) -> Contract:
    found = parse_contract(reply, {})
    assert isinstance(found, Contract), found
    return found


def ask(user: str, reply: dict[str, Any] | None = None, *, system: str = "", seed: int = 0) -> str:
    """Return the text of the model's reply."""
    content = f"{user}\n\n{instructions(contract_of(reply))}" if reply else user
    messages = [{"role": "system", "content": system}] if system else []
    return complete([*messages, {"role": "user", "content": content}], None, seed).text


def ask_json(user: str, reply: dict[str, Any], **rest: Any) -> Any:
    """Return the model's JSON reply, decoded."""
    return json.loads(ask(user, reply, **rest))


def verdict(user: str, **rest: Any) -> bool:
    """Return whether the model's last line says SOUND."""
    last = ask(user, VERDICT, **rest).strip().splitlines()[-1]
    found = re.fullmatch(r"\*\*Final judgment:\*\* (SOUND|UNSOUND)", last)
    assert found, last
    return found[1] == "SOUND"
