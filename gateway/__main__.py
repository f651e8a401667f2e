"""``python -m gateway CONFIG``: starts the gateway, nothing else."""

import sys


def main() -> int:
    """Set the TLS floor, which must come before gRPC is imported, and run."""
    from gateway.servicers.tls_floor import install_tls13_floor

    install_tls13_floor()
    from gateway.bootstrap.gateway import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
