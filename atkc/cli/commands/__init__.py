"""The commands with their options, by family; each hands over to a module of its own.

A module here is imported when one of its commands is called (`lazy.py`, the table in
`atkc/cli/entry.py`), so it imports nothing but click; what a command does is imported in it.
"""
