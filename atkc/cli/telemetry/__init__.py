"""OpenTelemetry traces and metrics of a run (`--otel`): nothing is imported or sent without it.

`opening.py` finds out from the environment where to; `traces.py` makes the spans of run and steps,
`calls.py` span and histograms of each call, `counters.py` the counters that are read on a timer.
"""
