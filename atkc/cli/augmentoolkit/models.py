"""Models: what most parts of the work have in common becomes the global one, the rest its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from atkc.cli.augmentoolkit.draft import Draft, Fate
from atkc.cli.augmentoolkit.hosts import key_variable
from atkc.cli.augmentoolkit.leaves import Config, Leaf
from atkc.cli.augmentoolkit.rules import UNFILLED

_COMMON = {  # the field of a part, and its global parameter, by role
    "model": "{role}_model",
    "api_base": "api_base",
    "api_key_env": "api_key_env",
    "price_in": "{role}_price_in",
    "price_out": "{role}_price_out",
}
_ASKED = ("api", "openai")  # modes that speak OpenAI's protocol


class Part(Struct, frozen=True):
    """A model of a part of the work: the keys it has there, and its parameter here."""

    to: str  # the parameter, empty where nothing asks that model
    role: str  # small or large
    keys: str  # `rag_{role}`: what `_model`, `_base_url`, … follow
    costs: str  # `rag_cost_per_million_{role}`
    unused: str = ""  # why nothing asks it

    def leaves(self, config: Config) -> dict[str, Leaf]:
        """Return the values of the model that the config gives, by their meaning."""
        keys, costs = self.keys.format(role=self.role), self.costs.format(role=self.role)
        names = {
            "model": (f"{keys}_model",),
            "mode": (f"{keys}_mode",),
            "api_base": (f"{keys}_base_url",),
            "api_key_env": (f"{keys}_api_key",),
            "price_in": (f"{costs}_input", f"{costs}_in"),
            "price_out": (f"{costs}_output", f"{costs}_out"),
        }
        found = {m: next(filter(None, map(config.named, n)), None) for m, n in names.items()}
        return {meaning: leaf for meaning, leaf in found.items() if leaf is not None}


class _Read(Struct):
    part: Part
    leaves: dict[str, Leaf]
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # where each value has gone


def models(parts: Sequence[Part], draft: Draft) -> None:
    """Settle the models of all parts."""
    read = [_Read(part, part.leaves(draft.config)) for part in parts]
    for one in read:
        one.values = _values(one.leaves)
    used = [one for one in read if not one.part.unused]
    for name, wanted in _COMMON.items():
        for role in ("small", "large") if "{role}" in wanted else ("",):
            among = [one for one in used if one.part.role.startswith(role)]
            _share(draft, name, wanted.format(role=role), among)
    for one in read:
        for leaf, fate in _fates(one, draft):
            draft.settle(leaf, fate)


def _values(leaves: dict[str, Leaf]) -> dict[str, Any]:
    """Return the settings of a model in our words."""
    given = {name: leaf.value for name, leaf in leaves.items() if not leaf.unfilled}
    mode = str(given.get("mode") or "api")
    provider = "cohere" if mode == "cohere" else "openai"
    address = "" if provider == "cohere" else str(given.get("api_base") or "")
    lost = "api_base" in leaves and leaves["api_base"].unfilled and not address
    model = given.get("model")
    return {
        "model": f"{provider}/{model}" if model else None,
        "api_base": None if lost else address,  # null: no run goes to the usual address instead
        "api_key_env": None if lost else key_variable(address, mode),
        "price_in": given.get("price_in"),
        "price_out": given.get("price_out"),
    }


def _share(draft: Draft, name: str, to: str, among: Sequence[_Read]) -> None:
    """Make the value that most have the global one, and give the others their own."""
    told = [one for one in among if one.leaves]
    if not told:
        if name == "model" and among:
            draft.put(to, None)  # no run begins with a model that nobody has chosen
        return
    count = Counter(_known(one.values[name]) for one in told)
    common = max(told, key=lambda one: count[_known(one.values[name])]).values[name]
    draft.put(to, common)
    for one in told:
        if _known(one.values[name]) == _known(common):
            one.places[name] = to
        else:
            one.places[name] = f"{one.part.to}/{name}"
            draft.put(one.places[name], one.values[name])


def _known(value: Any) -> str:
    return repr(float(value)) if isinstance(value, int | float) else repr(value)


def _fates(one: _Read, draft: Draft) -> Iterator[tuple[Leaf, Fate]]:
    for name, leaf in one.leaves.items():
        if one.part.unused:
            yield leaf, Fate("not carried", "", one.part.unused)
        elif name == "mode":
            yield leaf, _mode(leaf, one)
        elif name == "api_key_env":
            yield leaf, _key(one, draft)
        elif leaf.unfilled:
            yield leaf, Fate("not carried", one.places[name], UNFILLED)
        else:
            yield leaf, _plain(name, leaf, one)


def _plain(name: str, leaf: Leaf, one: _Read) -> Fate:
    to, value = one.places[name], one.values[name]
    if name == "model":
        return Fate("changed", to, f"`{value}`: the provider stands in the name")
    if name == "api_base" and leaf.value and not value:
        return Fate("not carried", "", "LiteLLM knows the address of this provider")
    return Fate("carried", to)


def _mode(leaf: Leaf, one: _Read) -> Fate:
    provider = str(one.values["model"] or "openai/").partition("/")[0]
    to = one.places["model"]
    if leaf.value in _ASKED or leaf.value == provider:
        return Fate("changed", to, f"it is the `{provider}/` of the model's name")
    return Fate("changed", to, f"there is no mode `{leaf.value}`: OpenAI's protocol is spoken")


def _key(one: _Read, draft: Draft) -> Fate:
    name, to = one.values["api_key_env"], one.places["api_key_env"]
    if name is None and one.values["api_base"] is None:
        return Fate("not carried", to, "a secret: name its variable with the address")
    if name is None:
        return Fate("not carried", "", "a secret, and a server on this machine wants none")
    draft.variables[name] = None
    return Fate("changed", to, f"a secret: `{name}` names the variable to export")
