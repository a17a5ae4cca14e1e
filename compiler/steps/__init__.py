"""One file per step type: what it makes of an instance."""
