"""The base of every error that the SDK raises.

Owns the two things that each of them says: what is wrong, and what to do next. Refuses to carry
values: no message holds a subject's identifier, a released value or key material.
"""


class SdkError(Exception):
    """Something failed. ``next_step`` is one sentence that says what to do about it."""

    def __init__(self, what: str, next_step: str) -> None:
        super().__init__(what)
        self.next_step = next_step


class RequestError(SdkError):
    """An argument that cannot be sent: nothing has left this process."""


class AnswerError(SdkError):
    """An answer of the gateway that this release cannot read; nothing of it is used."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the gateway's answer {what}",
            "Compare the release of the SDK with the gateway's, and report this to its operator.",
        )
