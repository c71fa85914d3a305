"""The rules: what a call becomes, who must hear of it, what people may do about it. No HTTP, no Telegram, no SQL."""
