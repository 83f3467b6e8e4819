"""Real students whose outcome is known: one adapter a data set, and what all of them share."""
