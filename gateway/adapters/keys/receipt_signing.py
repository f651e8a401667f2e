"""The signature over consent receipts (DSSE, Ed25519), with a key derived from the master key."""

from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.application.ports.consents import SignedReceipt
from gateway.crypto.dsse import pae

PAYLOAD_TYPE: Final = "application/vnd.veilgate.consent-receipt.v1+json"


class KeyedReceipts:
    """Implements ``ReceiptSigner``."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the key."""
        self._keyring = keyring

    @property
    def key_id(self) -> str:
        """Return the key's id: receipts of another master key have another one."""
        return f"receipt-{self._keyring.version}"

    @property
    def public_key(self) -> str:
        """Return what receipts are verified with: an Ed25519 public key, 64 hex digits."""
        return self._keyring.receipt_key.public_key.raw.hex()

    def sign(self, receipt: bytes) -> SignedReceipt:
        """Return the receipt with a signature over its DSSE encoding."""
        signature = self._keyring.receipt_key.sign(pae(PAYLOAD_TYPE, receipt))
        return SignedReceipt(receipt, self.key_id, signature)
