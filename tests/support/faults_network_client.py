"""``python -m support.faults_network_client HOME PORT FOLDER``: one whole flow of a lender's.

Owns a grant, a record with its free text, an explanation, a denial, a revocation, and the audit
log exported and verified; it ends with status 0 only if all of them came out right.
"""

import sys
from dataclasses import replace
from pathlib import Path

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import AUDITOR, LENDER_A, Home
from clients.sdk import ClientProfile, VeilgateClient, VeilgateError
from clients.sdk.logs.export import CHECKPOINT, export_log
from gateway.crypto.log_verifier import verify_log
from support.live_gateway import DATASET, UNDERWRITING, underwriting_consent


def main(home: Path, port: str, folder: Path) -> None:
    def profile(name: str) -> ClientProfile:
        loaded = ClientProfile.load(Home(home, "", "").profile(name))
        return replace(loaded, gateway=f"localhost:{port}")

    applicant = synthetic_subject(1)
    subject = (applicant.identity_type, applicant.identity_number)
    lender_profile = profile(LENDER_A)
    with VeilgateClient(lender_profile) as lender:
        consent = lender.grant_consent(underwriting_consent(lender_profile, applicant))
        record = lender.get_record(*subject, UNDERWRITING, DATASET)
        assert "remark" in record.fields
        assert not lender.explain_access(*subject, "marketing", DATASET).decision.allow
        lender.revoke_consent(consent.consent_id)
        try:
            lender.get_record(*subject, UNDERWRITING, DATASET)
        except VeilgateError as error:
            if error.reason != "CONSENT_REVOKED":
                raise
        else:
            raise AssertionError("released after the revocation")
    with VeilgateClient(profile(AUDITOR)) as auditor:
        export_log(auditor, folder)
    key = lender_profile.log_verifier_key
    assert key is not None
    verify_log((folder / CHECKPOINT).read_bytes(), key, lambda path: (folder / path).read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
