"""The families of models and the record that each one fills in."""
