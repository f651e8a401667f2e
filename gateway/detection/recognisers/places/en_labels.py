"""The words before an address in English, and the full stop behind it.

Owns the words of the topic ADDRESS. Refuses to look further than some 36 characters: the index of
context words is asked only whether there is one at all, as it reads all of them for each question.
"""

from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

TOPIC = "ADDRESS"
WORDS = (
    *("address", "live at", "lives at", "lived at", "living at", "reside at", "resides at"),
    *(
        "residing at",
        "resident of",
        "located at",
        "served at",
        "moved to",
        "mail to",
        "ship to",
        "deliver to",
    ),
    *("residence", "residential", "mailing", "billing", "home", "send to", "sent to", "visit"),
    *("delivered to", "house at", "property at", "apartment at", "property", "relocated to"),
    *("stays at", "postcode", "ship", "shipped", "deliver", "delivery", "delivered", "send"),
    *("drop me at", "drop me off at", "pick up from", "pick me up at", "pick me up from", "i'm at"),
    *("meet me at", "come to", "visit us", "move to", "moving to", "located", "situated", "live"),
    *("lives", "living", "residing", "moved", "relocated", "domicile", "mailed", "forward"),
    *("been to", "go to", "courier", "parcel", "shipping", "based at", "drop it at", "bring it to"),
    *(
        "we're at",
        "stay at",
        "staying at",
        "i am at",
        "arrive at",
        "live in",
        "residing in",
        "drop off at",
        "post it to",
    ),
)
_LABEL = Pattern(rf"\b(?:{'|'.join(WORDS)})\b", ignore_case=True)
_REACH = 36


def labelled(view: View, start: int) -> bool:
    """Say whether a word for an address stands before ``start``."""
    if not view.context.all(TOPIC):
        return False
    before = view.ascii[max(0, start - _REACH) : start]
    return next(_LABEL.matches(before), None) is not None


def without_stop(text: bytes, end: int) -> int:
    """Return the end before a full stop that closes the sentence, not one of an abbreviation."""
    closes = not (text[end : end + 1] == b" " and text[end + 1 : end + 2].islower())
    return end - 1 if text[end - 1 : end] == b"." and closes else end
