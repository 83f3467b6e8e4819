"""The 42 weekly features and the labels, as SQL over the whole district."""
