"""Calls in batches: half the price, an answer within a day, the same keys as live calls."""
