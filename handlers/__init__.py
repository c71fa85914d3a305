"""The doors: chat, webhook, clock. Each reads, calls the desk, and answers; none knows the others."""
