"""[acts] Pathway memory at the terminal: pathway (the commands), content, shown, write, look."""
