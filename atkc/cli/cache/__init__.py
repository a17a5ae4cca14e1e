"""`atkc cache`: a file for each command, and what they share."""
