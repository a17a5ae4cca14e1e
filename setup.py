"""Stops the build of a clone without links; everything else stands in pyproject.toml."""

import sys
from pathlib import Path

from setuptools import setup

if not Path(__file__).with_name("atkc").joinpath("spec").is_dir():
    sys.exit(
        "atkc/spec is not a folder: this clone has no links. "
        "Run `git config core.symlinks true`, check out again, or install a wheel."
    )
setup()
