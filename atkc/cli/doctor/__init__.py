"""`atkc doctor`: what would keep a run from working, told before it starts.

`table.py` lists the checks; each is a file in `machine/`, `endpoint/` or `model/`.
"""
