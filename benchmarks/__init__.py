"""What the program costs, measured beside something simpler: run by hand with `./run bench`, never by the tests.

A module here with `ROWS` and `rounds` is one benchmark; `frame` says what those are. `rig` starts what is measured.
"""
