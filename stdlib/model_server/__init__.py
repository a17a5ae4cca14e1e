"""A server that speaks OpenAI's protocol for a model of ours, and can misbehave on demand."""
