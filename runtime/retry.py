"""What `atkc retry` asks again: questions whose stored replies could not be accepted."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from atkc.runtime.errors import UsageError


class Retry(Struct):
    """Opens one more round for each failed question of a run; no steps, no kinds: for all.

    A question is known by the store's key of its first attempt in the first round.
    """

    steps: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    asked: int = 0
    accepted: int = 0
    silent: int = 0  # no reply came: the former one stands
    _new: set[bytes] = field(default_factory=set)
    _opened: dict[bytes, int] = field(default_factory=dict)

    def is_new(self, question: bytes) -> None:
        """Note a question that nobody asked before this run: it has its turn in this one."""
        self._new.add(question)

    def opens(self, step: str, kind: str, question: bytes, number: int) -> bool:
        """Return whether a failed question is asked in that round; one run opens one round."""
        if question in self._new or not self._is_chosen(step, kind):
            return False
        return self._opened.setdefault(question, number) == number

    def settled(self, *, accepted: bool, replied: bool) -> None:
        """Count a question that was asked again."""
        self.asked += 1
        self.accepted += accepted
        self.silent += not replied

    def check(self, steps: Iterable[str]) -> None:
        """Raise UsageError where a chosen step is none of a plan's."""
        known = list(steps)
        for name in sorted(self.steps):
            if not any(_is_instance(step, name) for step in known):
                listed = ", ".join(known)
                raise UsageError(f"`--step {name}`: there is no such step; steps: {listed}")

    def told(self) -> str:
        """Return how it went, as a line."""
        silent = f", {self.silent} brought no reply" if self.silent else ""
        return f"{self.asked} failed questions asked again, {self.accepted} accepted{silent}\n"

    def _is_chosen(self, step: str, kind: str) -> bool:
        mine = not self.steps or any(_is_instance(step, chosen) for chosen in self.steps)
        return mine and (not self.kinds or kind in self.kinds)


def _is_instance(step: str, name: str) -> bool:
    """Return whether a step goes by that name, or is an instance or a part of it."""
    return step == name or step.startswith((f"{name}/", f"{name}."))
