"""What a difficult model does to a good reply, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.recipes.difficult import PASSES, REFUSAL, Behaviour, Said, verdict

# The form of a reply, by kind of request.
FORMS = {
    **dict.fromkeys(PASSES, "verdict"),
    "facts": "list",
    "infer": "list",
    "talk": "json",
    "ask": "sections",
    "chain": "sections",
    "rag": "sections",
    "rewrite": "tags",
    "further": "tags",
    "mistake": "tags",
    "think": "tags",
    "clean": "tags",
}
OPPOSITES = {
    "judge": "UNSUITABLE",
    "pair": "INACCURATE",
    "question": "UNANSWERABLE",
    "relevancy": "IRRELEVANT",
    "accuracy": "INACCURATE",
    "confirm": "UNSOUND",
    "repair": "FAIL",
}
ALL = ("verdict", "list", "json", "sections", "tags")


@dataclass(frozen=True, slots=True)
class Planted:
    """One behaviour: the forms it is planted in, and what comes of it.

    `comes` is `kept`, `rejected`, or the kind of failure (by form where they differ).
    """

    comes: str | dict[str, str]
    make: Callable[[str, str], Said]
    forms: tuple[str, ...] = ALL
    kinds: tuple[str, ...] = ()  # of request; all of these forms if empty

    def fits(self, kind: str) -> bool:
        return FORMS[kind] in self.forms and (not self.kinds or kind in self.kinds)

    def outcome(self, kind: str) -> str:
        comes = self.comes
        if comes is NOTHING_BUT_A_REFUSAL and kind in REFUSING:
            return "refusal"
        return comes if isinstance(comes, str) else comes[FORMS[kind]]

    def always(self) -> Behaviour:
        return Behaviour(self.make)

    def at_first(self) -> Behaviour:
        return Behaviour(self.make, heals=True)


def _half(text: str) -> str:
    return text[: len(text) * 2 // 3]


def _draft(kind: str) -> str:
    """Return a thought that holds what would be read as a reply."""
    word = OPPOSITES.get(kind, "no")
    return (
        f"Hm.\n1. A draft.\n**Question:** No?\n**Answer:** No.\n<rewrite>no</rewrite>\n"
        f'[{{"role": "user", "content": "no"}}]\n**Final judgment:** {word}'
    )


def _rule(pattern: str) -> Callable[[str, str], Said]:
    """`{p}` is the word that passes, `{f}` the one that does not; `~` lowers, `^` capitalises."""

    def make(_good: str, kind: str) -> Said:
        words = {"p": PASSES[kind], "f": OPPOSITES[kind]}
        lower = {f"l{name}": word.lower() for name, word in words.items()}
        title = {f"t{name}": word.capitalize() for name, word in words.items()}
        return Said(pattern.format(**words, **lower, **title))

    return make


def _last_line(pattern: str) -> Callable[[str, str], Said]:
    return _rule(verdict("{{}}").replace("{{}}", pattern))


NOTHING = {"verdict": "no-verdict", "list": "missing-field", "json": "no-json",
           "sections": "too-few", "tags": "missing-field"}  # fmt: skip
NOTHING_BUT_A_REFUSAL = dict(NOTHING)
# Kinds of request whose contract refuses such words: no judge looks at the replies later.
REFUSING = ("facts", "infer", "talk", "rag", "rewrite", "further", "mistake", "think")
FILTERS = ("judge", "question", "relevancy", "accuracy", "confirm")
ONE_WORD = ("verdict",)

# ---- replies that are good, in an odd dress: taken at once
FINE = {
    "thinks": Planted("kept", lambda r, k: Said(f"<think>\n{_draft(k)}\n</think>\n\n{r}")),
    "ends_thinking": Planted("kept", lambda r, k: Said(f"{_draft(k)}\n</think>\n\n{r}")),
    "thinks_aside": Planted("kept", lambda r, k: Said(r, thought=_draft(k))),
    "talks_before": Planted("kept", lambda r, k: Said(f"Sure! Here you are:\n\n{r}")),
    "talks_after": Planted(
        "kept", lambda r, k: Said(f"{r}\n\nLet me know what else I can do."),
        ("verdict", "list", "json", "tags"),
    ),
    "fenced": Planted("kept", lambda r, k: Said(f"```\n{r}\n```"), ("json", "sections", "tags")),
    "bold_heads": Planted(
        "kept", lambda r, k: Said(r.replace(":** ", "**\n").replace("**", "## ", 1)), ("json",)
    ),
    "rewords": Planted(
        "kept",
        lambda r, k: Said(
            r.replace("PASS", "REWORD") + "\n\n**New question:** What of m-rewords, then?"
            "\n\n**New answer:** A new m-rewords."
        ),
        ONE_WORD, ("repair",),
    ),
    "lower_yes": Planted("kept", _last_line("{lp}."), ONE_WORD),
    "bold_yes": Planted("kept", _last_line("**{tp}**"), ONE_WORD),
    "under_yes": Planted("kept", _rule("All is well.\n\n### Final judgment\n\n{p}"), ONE_WORD),
    "denied_yes": Planted("kept", _last_line("{p}, not {f}"), ONE_WORD),
    "wavering_yes": Planted(
        "kept", _rule("It may be {lf}.\nFinal judgment: let me see.\nFinal judgment: {p}"), ONE_WORD
    ),
    "contents_yes": Planted(
        "kept", _last_line("{tp}; this is not a table of contents"), ONE_WORD
    ),
}  # fmt: skip

# ---- verdicts that refuse, in any wording: rejected at once
REFUSED = {
    "plain_no": Planted("rejected", _last_line("{f}"), ONE_WORD),
    "lower_no": Planted("rejected", _last_line("{tf}."), ONE_WORD),
    "small_no": Planted("rejected", _last_line("{lf}"), ONE_WORD),
    "bold_no": Planted("rejected", _last_line("**{lf}**"), ONE_WORD),
    "why_no": Planted("rejected", _last_line("{f} because it cannot be {lp}"), ONE_WORD),
    "headed_no": Planted("rejected", _rule("No.\n\n## Final Judgment\n{tf}"), ONE_WORD),
    "thought_no": Planted(
        "rejected", _rule("<think>**Final judgment:** {p}</think>No.\n**Final judgment:** {f}"),
        ONE_WORD,
    ),
    "not_no": Planted("rejected", _last_line("Not {lp}"), ONE_WORD, FILTERS),
    "not_small_no": Planted("rejected", _last_line("not {lp}."), ONE_WORD, FILTERS),
    "not_bold_no": Planted("rejected", _last_line("**Not {p}**"), ONE_WORD, FILTERS),
    "is_not_no": Planted("rejected", _last_line("It isn’t {lp}"), ONE_WORD, FILTERS),
}  # fmt: skip

# ---- replies that cannot be used: asked for again, and a failure if they stay so
UNUSABLE = {
    "empty": Planted("empty", lambda r, k: Said("")),
    "null": Planted("empty", lambda r, k: Said(None, thought=r)),
    "only_thinks": Planted("empty", lambda r, k: Said(f"<think>{r}")),
    "refuses": Planted(NOTHING_BUT_A_REFUSAL, lambda r, k: Said(REFUSAL)),
    "nonsense": Planted(NOTHING, lambda r, k: Said("%% qwx 7#7 zzz ~~ lorem )( 00")),
    "cut": Planted("truncated", lambda r, k: Said(_half(r), reason="length")),
    "cut_at_its_end": Planted("truncated", lambda r, k: Said(r, reason="length")),
    "partly": Planted("ambiguous-verdict", _last_line("partially {lp}"), ONE_WORD),
    "both": Planted("ambiguous-verdict", _last_line("{p}/{f}"), ONE_WORD),
    "other_word": Planted("no-verdict", _last_line("good enough"), ONE_WORD),
    "other_head": Planted("no-verdict", _rule("**Verdict:** {p}"), ONE_WORD),
    "no_head": Planted("no-verdict", _rule("It is {lp}."), ONE_WORD),
    "torn": Planted(
        "ambiguous-verdict", _rule("Final judgment: {p}\nFinal judgment: {f}"), ONE_WORD
    ),
    "prose": Planted(
        "missing-field", lambda r, k: Said("It says one thing, and then another."), ("list",)
    ),
    "untagged": Planted(
        "missing-field", lambda r, k: Said(r.replace("<", "(").replace(">", ")")), ("tags",)
    ),
    "unclosed": Planted("truncated", lambda r, k: Said(r.rpartition("</")[0]), ("tags",)),
    "hollow": Planted(
        "missing-field", lambda r, k: Said(f"{r.partition('>')[0]}></{r.rpartition('</')[2]}"),
        ("tags",), ("rewrite", "further", "think", "clean"),
    ),
    "half_a_pair": Planted(
        "missing-field", lambda r, k: Said(r.rpartition("**Answer")[0]), ("sections",)
    ),
    "refuses_inside": Planted(
        "refusal", lambda r, k: Said(r.replace("m-", f"nothing. {REFUSAL} m-", 1)),
        ("list", "json", "sections", "tags"), REFUSING,
    ),
    "unclosed_list": Planted("truncated", lambda r, k: Said(r[:-3]), ("json",)),
}  # fmt: skip
