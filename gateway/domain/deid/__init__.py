"""De-identification of structured fields: one operator a file, compiled once per field plan."""
