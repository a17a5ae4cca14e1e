"""The peers, and an environment for each: built with pip where pip gets its packages from."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).with_name("peers")
_TOKENIZERS = "litellm/litellm_core_utils/tokenizers"  # LiteLLM's wheel carries vocabularies


class Skipped(Exception):
    """A peer cannot be measured; says why in one line."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: what pip installs, which program of `peers/` does the work with it."""

    name: str
    requirements: tuple[str, ...]
    program: str

    def python(self, folder: Path) -> Path:
        """Return its interpreter below a folder."""
        return folder / self.name / "bin" / "python"


# `requests`: distilabel imports it and does not require it. The caps on litellm keep pip from
# trying release after release.
PEERS = {
    peer.name: peer
    for peer in (
        Peer("curator", ("bespokelabs-curator>=0.1.31", "litellm<=1.83.7"), "with_curator.py"),
        Peer("sdg_hub", ("sdg_hub>=0.9.4", "litellm<=1.84.10"), "with_sdg_hub.py"),
        Peer("distilabel", ("distilabel[openai]>=1.5.3", "requests"), "with_distilabel.py"),
        Peer("docetl", ("docetl>=0.3.0",), "with_docetl.py"),
    )
}
Shell = Callable[[Sequence[str]], None]


def shell(command: Sequence[str]) -> None:
    """Run a command; raises Skipped with the last line that it said if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Skipped(f"`{Path(command[0]).name} {' '.join(command[1:4])} …`: {last(said)}")


def last(said: Sequence[str]) -> str:
    """Return the line that tells the most: the last that names an error, else the last."""
    named = [line for line in said if "Error" in line or line.startswith("ERROR")]
    return (named or list(said) or ["it said nothing"])[-1].strip()


def install(peer: Peer, folder: Path, run: Shell = shell) -> None:
    """Build its environment unless it stands; raises Skipped."""
    done = _done(peer, folder)
    if done.exists():
        return
    sys.stderr.write(f"installing {' '.join(peer.requirements)} …\n")
    python = str(peer.python(folder))
    run([sys.executable, "-m", "venv", "--clear", str(folder / peer.name)])
    run([python, "-m", "pip", "install", "--quiet", *peer.requirements])
    # Without byte code the first runs would be the slower, by seconds.
    run([python, "-m", "compileall", "-q", str(folder / peer.name / "lib")])
    done.touch()


def check(peer: Peer, folder: Path) -> None:
    """Do nothing if its environment stands; raises Skipped."""
    if not _done(peer, folder).exists():
        raise Skipped("not installed; `--install` does it")


def _done(peer: Peer, folder: Path) -> Path:
    return folder / peer.name / "installed"


def settings(peer: Peer, folder: Path, home: Path) -> dict[str, str]:
    """Return the environment of a run: caches in `home`, no telemetry, no network.

    Proxies and certificates of the caller are left out: all that is asked is on this machine.
    """
    packages = next((folder / peer.name / "lib").glob("python*/site-packages"), home)
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "CURATOR_CACHE_DIR": str(home / "curator"),
        "CURATOR_DISABLE_RICH_DISPLAY": "1",
        "DISTILABEL_CACHE_DIR": str(home / "distilabel"),
        "DISTILABEL_LOG_LEVEL": "WARNING",
        "DOCETL_HOME_DIR": str(home),
        "HF_HUB_OFFLINE": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "OPENAI_API_KEY": "none-needed",
        "TELEMETRY_ENABLED": "false",
        "TIKTOKEN_CACHE_DIR": str(packages / _TOKENIZERS),
    }
