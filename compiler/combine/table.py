"""All operators of `combine`. To add one: copy a file, add a line here and a case.

The runtime's part of each stands under the same name in `runtime/combine`.
"""

from __future__ import annotations

from atkc.compiler.combine import (
    accept,
    batch,
    cluster,
    concat,
    decontaminate,
    dedupe,
    evidence,
    group,
    join,
    likeness,
    measure,
    neighbours,
    shuffle,
    sort,
    split,
    take,
    window,
    zip_streams,
)
from atkc.compiler.combine.fitting import Operator

OPERATORS: dict[str, Operator] = {
    "concat": Operator(concat.fit, frozenset()),
    "group": Operator(group.fit, frozenset({"by", "collect", "keep", "incomplete"})),
    "batch": Operator(batch.fit, frozenset({"size", "weight", "target", "order", "within", "as"})),
    "neighbours": Operator(
        neighbours.fit,
        frozenset({"field", "top", "scorer", "model", "exclude", "take", "as", "budget"}),
        ("query", "pool"),
    ),
    "dedupe": Operator(
        dedupe.fit, frozenset({"by", "normalise", "keep"}) | likeness.KEYS | evidence.KEYS
    ),
    "cluster": Operator(cluster.fit, frozenset({"by", "field", "as"}) | likeness.KEYS),
    "decontaminate": Operator(
        decontaminate.fit,
        frozenset({"field", "against_field", "words"}) | evidence.KEYS,
        ("records", "against"),
    ),
    "take": Operator(take.fit, frozenset({"first", "hashed", "shortage", "sides"}) | accept.KEYS),
    "split": Operator(split.fit, frozenset({"into", "by"})),
    "measure": Operator(measure.fit, frozenset({"of"}), empty=True),
    "shuffle": Operator(shuffle.fit, frozenset()),
    "sort": Operator(sort.fit, frozenset({"by", "descending"})),
    "join": Operator(join.fit, frozenset({"by", "take", "missing"}), ("left", "right")),
    "zip": Operator(zip_streams.fit, frozenset(), ("left", "right")),
    "window": Operator(window.fit, frozenset({"before", "after", "within", "take", "as"})),
}
