"""The page of the demo: chats side by side, scenes to play, and a trace of what the PBX sent and the bot did."""
