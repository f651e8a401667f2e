"""Questions about one consenting subject (protocol E), on the asker's side."""
