"""VATS, the older API: one endpoint, form-encoded commands."""
