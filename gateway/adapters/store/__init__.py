"""The store's schema and its readers: subjects and consents, the Directory, the log."""
