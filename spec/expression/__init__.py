"""The expression language: small, pure, total, typed. Text to tree, tree to type, tree to value."""
