"""The webhook door: what phone systems, Telegram and operators ask of us over HTTP."""
