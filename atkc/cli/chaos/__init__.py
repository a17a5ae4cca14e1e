"""`atkc chaos`: a run that is killed again and again, held against one that nothing disturbs."""
