"""atkc: compile and run YAML graphs of typed steps that make training data."""

__version__ = "0.1.0"
