"""The report of a run: one HTML page, made of what lies in the output folder.

`books.py` adds what only a run knows to `events.jsonl`; `facts.py` reads the folder; each section
of the page is a small function of these facts, in a file of its own, listed in `section.py`. A new
section: copy `votes.py`, and a line in `section.py`.
"""
