"""The offline model `atkc/extractive`: it answers with what stands in the passage it is shown."""
