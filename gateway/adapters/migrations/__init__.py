"""Alembic migrations of the store; ``gateway.adapters.migrate`` runs them."""
