"""A checkpoint at work: scores and explanations."""
