"""What every engine promises of the Directory: a certificate is one institution's, or nobody's."""

from __future__ import annotations

import pytest

from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import Jurisdiction, Role
from support.agreements import agreement_of
from support.store_engines import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("fingerprint", ["aa" * 32, "ab" * 32])
async def test_a_registered_certificate_is_its_institution(store: Store, fingerprint: str) -> None:
    principal = await store.directory.principal("lender-a", "scoring", fingerprint)
    roles = frozenset({Role.LENDER})
    agreements = (agreement_of("lender-a"),)
    expected = Principal("lender-a", "scoring", roles, Jurisdiction.CN, agreements, "a-group")
    assert principal == expected


@pytest.mark.parametrize(
    ("institution", "fingerprint", "reason"),
    [
        ("lender-a", "bb" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
        ("lender-b", "aa" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
        ("lender-a", "ff" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
        ("lender-a", "AA" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
        ("lender-a", "", ErrorReason.CERTIFICATE_UNKNOWN),
        ("nobody", "aa" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
        ("lender-s", "cc" * 32, ErrorReason.INSTITUTION_SUSPENDED),
        ("lender-s", "aa" * 32, ErrorReason.CERTIFICATE_UNKNOWN),
    ],
)
async def test_everybody_else_is_refused(
    store: Store, institution: str, fingerprint: str, reason: ErrorReason
) -> None:
    with pytest.raises(Refused) as caught:
        await store.directory.principal(institution, "scoring", fingerprint)
    assert caught.value.reason is reason


async def test_signing_keys_are_found_by_institution_and_id(store: Store) -> None:
    assert await store.directory.signing_key("lender-a", "lender-a-1") == b"\x11" * 32
    assert await store.directory.signing_key("lender-b", "lender-a-1") is None
    assert await store.directory.signing_key("lender-a", "lender-s-1") is None
    assert await store.directory.signing_key("lender-a", "") is None
