"""Phonet's REST methods, a module for each subject; every `ROUTES` is put together by the server."""
