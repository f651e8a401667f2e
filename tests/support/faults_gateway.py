"""``python -m support.faults_gateway CONFIG``: the real gateway over the faulty committer.

Owns the swap of the committer's module. Refuses to change anything else, and imports nothing that
would load gRPC before the TLS floor is set.
"""

import sys


def main() -> int:
    from gateway.servicers.tls_floor import install_tls13_floor

    install_tls13_floor()
    from gateway import bootstrap
    from support.faults_committer import MODULE

    bootstrap.COMMITTER_MODULE = MODULE  # type: ignore[misc]
    return bootstrap.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
