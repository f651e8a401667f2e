"""Questions about one consenting subject (protocol E), on an agent's side."""
