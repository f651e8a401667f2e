"""The calls: what each sends and how its answer is read, and how a call is carried out."""
