"""Configs of Augmentoolkit as parameters of ours.

| file | what it does |
|---|---|
| `reading.py`, `marks.py`, `secret.py` | the text, without its keys, with its `!!MARKS!!` |
| `leaves.py` | the values with their places, each under the name that a table knows it by |
| `kinds.py` | which pipeline a config is for, and which tables and groups it is read by |
| `rules.py` | what can become of a value: carried, carried with a change, not carried |
| `tables/` | a table per section: the name of a key, and its rule |
| `models.py`, `ways.py`, `formats.py`, … | groups: keys that mean something together |
| `prompts.py`, `templates.py` | texts with holes, and chat templates |
| `translate.py`, `writing.py`, `report.py` | from leaves to parameters, their file, the report |
| `specs/` | a recipe for each pipeline that stands alone |

A further key is a line in a table; a further pipeline a table, a spec and a line in `kinds.py`.
"""
