"""What becomes of each key: a table per section, `KEY: rule`. Names are those of the config."""
