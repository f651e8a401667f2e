"""``python -m support.faults_gateway CONFIG``: the real gateway over the faulty committer.

Owns the swap of the committer's module and, where the environment asks for it, bugs that quote a
person's values in an exception. Refuses to change anything else, and imports nothing that would
load gRPC before the TLS floor is set.
"""

import asyncio
import os
import sys
from typing import Any

BUGS = "FAULTS_BUGS"
RAISES_ON_RESOLVING = "job"
RAISES_ON_PROTECTING = "telephone"
RAISES_IN_A_CALLBACK = "property"
RAISES_IN_A_TASK = "housing"
"""A request for this field alone meets the bug."""


def main() -> int:
    from gateway.servicers.tls_floor import install_tls13_floor

    install_tls13_floor()
    from gateway.bootstrap import gateway, stores
    from support.faults_committer import MODULE

    stores.COMMITTER_MODULE = MODULE  # type: ignore[misc]
    if BUGS in os.environ:
        _install_bugs()
    return gateway.run(sys.argv[1:])


def _install_bugs() -> None:
    from gateway.adapters.store.subject_store import SubjectStore
    from gateway.application.protect_record import ProtectRecord

    resolve, protect = SubjectStore.resolve, ProtectRecord.__call__

    def resolve_badly(self: Any, authenticated: Any) -> Any:
        received = authenticated.received
        if received.ask.fields == {RAISES_ON_RESOLVING}:
            raise KeyError(received.subject.value)
        return resolve(self, authenticated)

    async def protect_badly(self: Any, raw: Any, policy: Any) -> Any:
        quoted = repr(dict(raw.values))
        match sorted(raw.intended.decided.resolved.authenticated.received.ask.fields):
            case [name] if name == RAISES_ON_PROTECTING:
                raise ValueError(quoted)
            case [name] if name == RAISES_IN_A_CALLBACK:
                asyncio.get_running_loop().call_soon(_fail, quoted)
            case [name] if name == RAISES_IN_A_TASK:
                asyncio.get_running_loop().create_task(_fail_later(quoted))
        return await protect(self, raw, policy)

    SubjectStore.resolve = resolve_badly  # type: ignore[method-assign]
    ProtectRecord.__call__ = protect_badly  # type: ignore[method-assign]


def _fail(quoted: str) -> None:
    raise ValueError(quoted)


async def _fail_later(quoted: str) -> None:
    await asyncio.sleep(0)
    raise ValueError(quoted)


if __name__ == "__main__":
    sys.exit(main())
