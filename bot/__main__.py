"""`python -m bot` is `ringdesk`."""

from bot.cli import main

if __name__ == "__main__":
    main()
