"""Checks of this machine: a function of the case to findings."""
