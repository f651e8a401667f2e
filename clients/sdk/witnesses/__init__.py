"""A witness of audit logs, and which witnesses count."""
