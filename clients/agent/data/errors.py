"""Refusals of an agent's data that its operator must deal with.

Owns their type. Refuses values in the text: it may name a column, a setting or a file, never what
stands in one.
"""


class DataError(Exception):
    """The data cannot be used as it is configured; the text is for the operator."""
