"""Phonet: a REST API behind a session cookie, and JSON webhooks known by their source address."""
