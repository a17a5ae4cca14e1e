"""Drawings of plans: a picture of boxes and arrows, and the formats it is written in."""
