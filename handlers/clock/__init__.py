"""The clock door: what happens because it is time."""
