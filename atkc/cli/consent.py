"""The question before money is spent: asked once per endpoint, before its first uncached call."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping

from atkc.cli.answering import typed_line
from atkc.cli.keys import check_key
from atkc.cli.progress import Progress
from atkc.cli.run_options import RunOptions
from atkc.compiler.plan import Plan
from atkc.runtime.errors import StopRun
from atkc.runtime.hosts import is_loopback
from atkc.runtime.modelspec import BUILT_IN, EndpointSpec, ModelSpec
from atkc.spec.diagnostic import Diagnostic


class Gate:
    """Lets calls to this machine pass; for others wants a yes, a cap or `--yes`."""

    def __init__(
        self,
        plan: Plan,
        models: Mapping[str, ModelSpec],
        options: RunOptions,
        limits: Mapping[str, int],
    ) -> None:
        self._plan = plan
        self._models = models
        self._options = options
        self._limits = limits
        self._allowed: set[object] = set()
        self._refusal: StopRun | None = None
        self._lock = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None
        self.progress: Progress | None = None

    async def ask(self, endpoint: EndpointSpec) -> None:
        """Return if calls to the endpoint may be made; raises StopRun (ATK705) if not.

        Raises Permanent (ATK701) where the key is missing.
        """
        if endpoint.key in self._allowed:
            return
        async with self._lock:
            if self._refusal is not None:  # who waited for the lock meanwhile is not asked again
                raise self._refusal
            if endpoint.key not in self._allowed:
                check_key(endpoint)  # a yes would be in vain
                if not self._free(endpoint):
                    self._asking = asyncio.current_task()
                    await self._question(endpoint)
                    self._asking = None
                self._allowed.add(endpoint.key)

    def shut(self) -> None:
        """Ask nothing more, and wait for no answer: the run has ended."""
        self._refusal = self._refusal or _refused("the run has ended")
        if self._asking is not None:
            self._asking.cancel()

    def _free(self, endpoint: EndpointSpec) -> bool:
        if endpoint.provider == BUILT_IN:
            return True
        if endpoint.base_url and is_loopback(endpoint.base_url):
            return True
        # A cap in the spec is none: who wrote the spec need not be who pays.
        o = self._options
        return o.yes or any(cap is not None for cap in (o.max_calls, o.max_usd, o.max_tokens))

    async def _question(self, endpoint: EndpointSpec) -> None:
        if self.progress is not None:
            self.progress.pause()
        from atkc.cli.estimating import forecast_lines

        sys.stderr.write(f"`{endpoint.name}` may cost money. Before anything from the cache:\n")
        for line in await forecast_lines(self._plan, self._models, self._limits):
            sys.stderr.write(f"  {line}\n")
        if not sys.stdin.isatty():
            raise self._refuse("there is no terminal to ask on")
        sys.stderr.write("Go on? [y/N] ")
        sys.stderr.flush()
        answer = await typed_line()
        if answer.strip().lower() not in ("y", "yes"):
            raise self._refuse("the answer was no")
        if self.progress is not None:
            self.progress.resume()

    def _refuse(self, why: str) -> StopRun:
        self._refusal = _refused(why)
        return self._refusal


def _refused(why: str) -> StopRun:
    return StopRun(
        Diagnostic(
            "ATK705",
            f"nothing was sent to the paid endpoint: {why}",
            help="add `--yes`, or a cap with `--max-usd`, `--max-calls` or `--max-tokens`",
        )
    )
