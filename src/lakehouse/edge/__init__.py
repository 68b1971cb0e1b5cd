"""[acts] The doors: the command line and HTTP. Each parses, calls the lake, and renders; nothing else."""
