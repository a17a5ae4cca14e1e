"""What a pipeline should have filled in or taken out: template syntax, placeholders, reasoning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from atkc.spec.diagnostic import Diagnostic
from atkc.stdlib.readiness.samples import Sample

_NAMES = (
    "context|context_uppercase|context_lowercase|text|source|question|answer|passage|chunk|document"
    "|system|user|assistant|instruction|input|output|name|topic"
)
_LEFT = re.compile(
    rf"\{{\{{|\}}\}}|\{{%|%\}}|\{{(?:{_NAMES})\}}"
    r"|\$\{\s*(?:params|it|env)\b[^}\n]{0,80}\}"  # others are of shells and makefiles
    r"|!![A-Z][A-Z0-9_ ]*!!|</?think(?:ing)?>"
)
_CODE = re.compile(r"^\s*(```|~~~).*?^\s*\1|`[^`\n]+`|\Z", re.DOTALL | re.MULTILINE)


def check(sample: Sample) -> Iterator[Diagnostic]:
    """Yield the first such piece outside of code; of documents it is only a suspicion."""
    found = _LEFT.search(_without_code(sample.text))
    if found is None:
        return
    code = "ATK816" if sample.turns else "ATK818"
    hint = "fill it in, or clean the text in the step that made it"
    yield sample.found(code, f"`{found.group()}` was left in the text", hint)


def _without_code(text: str) -> str:
    return _CODE.sub(" ", text) if "`" in text or "~~~" in text else text
