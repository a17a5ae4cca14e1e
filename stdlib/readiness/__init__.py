"""Whether the files that a run left are fit to be trained on: `atkc check`.

`examining.py` reads everything once; a check is one file, with a line in its tables.
"""
