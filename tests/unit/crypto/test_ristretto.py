"""Loading the group: lazily, once, and without leaving rbcl's library in the temporary folder."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(code: str, temporary: Path) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.strip()


def test_no_file_is_left_and_the_group_still_works(tmp_path: Path) -> None:
    code = (
        "from gateway.crypto.oprf import derive_key_pair, evaluate\n"
        "pair = derive_key_pair(bytes(32), b'')\n"
        "print(len(evaluate(pair.secret_key, b'subject')))\n"
    )
    assert run(code, tmp_path) == "64"
    assert list(tmp_path.iterdir()) == []


def test_rbcl_alone_does_leave_a_file(tmp_path: Path) -> None:
    run("import rbcl", tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".so"]


def test_loading_again_and_from_many_threads_is_harmless(tmp_path: Path) -> None:
    code = (
        "import rbcl\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from gateway.crypto.ristretto import group\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    print(len({id(pool.submit(group).result()) for _ in range(32)}))\n"
    )
    assert run(code, tmp_path) == "1"
    assert list(tmp_path.iterdir()) == []


def test_the_library_is_not_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = "import sys, gateway.crypto.oprf\nprint('rbcl' in sys.modules)"
    assert run(code, tmp_path) == "False"
