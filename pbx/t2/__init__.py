"""t2 (the Corporate PBX of t2, formerly Tele2): it never calls us and has to be polled."""
