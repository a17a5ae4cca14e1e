"""`python -m atkc`."""

from atkc.cli import main

main()
