"""The REST API, a module per subject of the manual."""
