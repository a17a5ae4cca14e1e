"""What families of models want to be sent: parameters under another name, or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from atkc.runtime.api import Request
from atkc.runtime.flat_prompt import flat, with_stop


class Family(Struct, frozen=True):
    """Models that take the same parameters. Patterns match from the start; a host matches whole."""

    name: str
    models: str = ""  # of the name as sent, less a provider before `/`
    host: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()

    def sent(self, sampling: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the parameters that reach a model, under the names that they were given.

        Not sent is what is refused, what was also given under the name that it would get, and what
        stands in the place of the seed. The key of a call holds what is returned here.
        """
        if not self.refused and not self.renamed:
            return sampling
        left_out = {self.renamed.get("seed"), *self.refused}
        left_out |= {old for old, new in self.renamed.items() if new in sampling}
        if left_out.isdisjoint(sampling):
            return sampling
        return {name: value for name, value in sampling.items() if name not in left_out}


_CHANCE = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty"})
_LIKELIHOODS = frozenset({"logprobs", "top_logprobs", "logit_bias"})
_LENGTH = {"max_tokens": "max_completion_tokens"}

PLAIN = Family("plain")

# The first that fits counts.
FAMILIES = (
    Family("mistral", host="api.mistral.ai", renamed={"seed": "random_seed"}),
    Family("openai-chat", models=r"gpt-5(\.\d+)?-chat", renamed=_LENGTH),
    Family(
        "openai-reasoning",
        models=r"(o\d|gpt-5)(\b|_)",
        renamed=_LENGTH,
        refused=_CHANCE | _LIKELIHOODS,
    ),
    Family(
        "grok-reasoning",
        models=r"grok-4(?!.*non-reasoning)",
        refused=frozenset({"presence_penalty", "frequency_penalty", "stop"}),
    ),
    PLAIN,
)


@lru_cache(maxsize=256)
def family_of(model: str, host: str = "") -> Family:
    """Return the family of a model, as sent, at a host."""
    name = model.rpartition("/")[2].lower()
    return next(family for family in FAMILIES if _fits(family, name, host))


def body(request: Request, family: Family) -> dict[str, Any]:
    """Return the JSON body of a (chat) completion: nothing in it that the family refuses."""
    fields = {**family.sent(request.sampling), "seed": request.seed}
    if request.response_format is not None:
        fields["response_format"] = dict(request.response_format)
    if family.renamed:
        fields = {family.renamed.get(name, name): value for name, value in fields.items()}
    if request.mode == "completion":
        prompt = {"prompt": flat(request.messages), "stop": with_stop(fields.pop("stop", None))}
        return {"model": request.model, **prompt, **fields}
    return {"model": request.model, "messages": request.messages, **fields}


def _fits(family: Family, name: str, host: str) -> bool:
    if family.host:
        return family.host == host
    return not family.models or re.match(family.models, name) is not None
