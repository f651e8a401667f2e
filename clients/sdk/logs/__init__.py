"""What a client knows of the audit log: checks, checkpoints, copies."""
