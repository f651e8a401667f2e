"""The committer's part of encrypted aggregates: rounds, budgets, consents, keys."""
