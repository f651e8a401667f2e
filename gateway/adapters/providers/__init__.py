"""Where records come from: the provider's port over each kind of source."""
