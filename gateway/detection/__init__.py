"""Finds and masks personal identifiers in free text. Importing the package imports no Presidio."""
