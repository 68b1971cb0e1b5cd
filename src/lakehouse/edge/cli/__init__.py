"""[acts] The command line: words typed become one call of the lake, and its answer on the screen.

Reading order: app (the commands and global options) · lazy (a command's module is imported when it is
called) · call (what was typed before the command; screens, JSON, opening the lake) · failure (errors as
people and scripts see them) · ingest, progress, report · sql, output, fit, grid · tables · change ·
search (a package) · start.
"""
