"""The one error of policies that contradict themselves."""


class PolicyError(Exception):
    """Policies that contradict themselves: ``where`` names the part, ``what`` the flaw."""

    def __init__(self, where: str, what: str) -> None:
        """Name the place and the flaw."""
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what
