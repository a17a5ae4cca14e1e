"""How long the records are, in tokens, beside the training sequence of each config."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.configs import Config
from atkc.stdlib.readiness.output import Output
from atkc.stdlib.readiness.samples import Sample

_SHARES = (0.125, 0.25, 0.5, 1.0, 2.0)
_HINT = "raise `sequence_len`, or make shorter records (fewer pairs in a conversation)"


class Length(Struct):
    """The lengths of one file under one config; `counts` by share of the sequence."""

    config: str
    file: str
    sequence_len: int
    records: int = 0
    tokens: int = 0
    longest: int = 0
    longer: int = 0
    counts: list[int] = field(default_factory=lambda: [0] * (len(_SHARES) + 1))

    def add(self, size: int) -> None:
        """Count a record."""
        self.records += 1
        self.tokens += size
        self.longest = max(self.longest, size)
        self.longer += size > self.sequence_len
        shares = (n for n, share in enumerate(_SHARES) if size <= share * self.sequence_len)
        self.counts[next(shares, len(_SHARES))] += 1

    def bounds(self) -> list[str]:
        """Return the heads of the counts."""
        return [*(f"<={share * self.sequence_len:.0f}" for share in _SHARES), "more"]


class Lengths:
    """Counts tokens; conversations that training would drop or cut are findings."""

    def __init__(self, output: Output, count: Callable[[str], int]) -> None:
        self._count = count
        self._configs: dict[str, list[Config]] = {}
        for config in output.configs:
            for entry in config.entries:
                self._configs.setdefault(str(entry.place.resolve()), []).append(config)
        self._found: dict[tuple[str, str], Length] = {}

    def see(self, sample: Sample) -> Iterator[Diagnostic]:
        """Count a record under each config that names its file."""
        configs = self._configs.get(str(sample.file.place.resolve()), ())
        if not configs:
            return
        size = self._count(sample.text)
        for config in configs:
            if config.sequence_len is None:
                continue
            length = self._of(config, config.sequence_len, sample)
            length.add(size)
            # Plain text is cut into sequences without loss; a conversation loses its head.
            if size > config.sequence_len and (sample.turns or sample.segments):
                fate = "cut apart" if sample.file.kind == "completion" else "dropped"
                message = f"{size} tokens, {fate} at a `sequence_len` of {config.sequence_len}"
                yield sample.found("ATK817", message, _HINT)

    def told(self) -> list[Length]:
        """Return the lengths in the order of the files."""
        return list(self._found.values())

    def _of(self, config: Config, length: int, sample: Sample) -> Length:
        key: tuple[str, Any] = (str(config.place), sample.file.path)
        if key not in self._found:
            self._found[key] = Length(str(config.place), sample.file.path, length)
        return self._found[key]
