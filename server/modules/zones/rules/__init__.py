"""How official lists are read, what they mean in a compound, and which steps a list may take."""
