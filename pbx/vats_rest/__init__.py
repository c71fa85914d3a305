"""VATS, the REST API (revision 2 of its manual, and revision 1, a subset)."""
