"""What became of searches, through one open lake and through several."""
