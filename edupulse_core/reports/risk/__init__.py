"""An evaluation of the risk model, turned into sections."""
