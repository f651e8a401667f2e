"""Judging evidence: who broke which rule, by signatures alone."""
