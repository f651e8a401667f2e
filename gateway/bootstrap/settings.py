"""What a start and a reload read from files beside the configuration: the policies."""

from pathlib import Path

from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.domain.policy.compile import CompiledPolicy, compile_policies


def load_policy(folder: Path) -> CompiledPolicy:
    """Read and compile a policy folder; raises ``PolicyFileError`` or ``PolicyError``."""
    bundle = read_policies(folder)
    return compile_policies(bundle.documents, bundle.digest)
