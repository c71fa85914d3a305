"""The board door: the manager's board, a web page that Telegram opens, and what it asks of us over HTTP."""
