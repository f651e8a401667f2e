"""Alembic migrations of the store; ``gateway.adapters.store.migrate`` runs them."""
