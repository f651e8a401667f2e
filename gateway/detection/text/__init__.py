"""What recognisers read: a text in its canonical forms, each with a map back to the original."""
