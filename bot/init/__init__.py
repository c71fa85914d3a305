"""`ringdesk init`: asks what a configuration needs, tries each answer at once, and writes `ringdesk.toml`.

`command.py` has the options, `story.py` the order of things, `asking.py` the terminal, `trying.py` the network,
`cabinet.py` what to do in each PBX's cabinet, `writing.py` the file, and `words.py` every word in three languages.
"""
