"""The real committer's process with faults at named points: ``faults_points`` says which.

Owns the same start as ``gateway.adapters.committer.process``, over a connection and sockets that
fail as the plan in the environment says. Refuses to be anything but an entry for tests.
"""

import os
import signal
import socket
import time
from pathlib import Path

from gateway.adapters.committer import batch
from gateway.adapters.committer.process import serve
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.store.sqlite_store import open_writer
from support.faults_points import FaultyConnection, Points, faulty_socket, plan_of_environment

MODULE = "support.faults_committer"
SEEDED_DEFECT = "FAULTS_NO_SECOND_LOOK"
"""Set in the environment, it takes out the check of the consent in the release transaction."""


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], object]:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if SEEDED_DEFECT in os.environ:
        vars(batch)["standing_finding"] = lambda terms, standing, now: None
    points = Points(plan_of_environment())
    FaultyConnection.points = points
    committer = SqliteCommitter(open_writer(Path(argument), FaultyConnection), time.time)
    abandoned = committer.abandon_open_intents()
    points.serving()
    faulty = [faulty_socket(sock, points) for sock in sockets]
    return {"abandoned": abandoned}, lambda: serve(list(faulty), committer)


if __name__ == "__main__":
    child_main(run)
