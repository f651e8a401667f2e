"""Consents on the collector's side: drafts, signatures, receipts."""
