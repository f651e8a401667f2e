"""The one error of the demo data. It names a column or a row, never a value."""


class DemoDataError(Exception):
    """The demo data is not what this package was built with, or was asked for what it has not."""
