"""The policy folder: read strictly, typed, and its JSON Schemas."""
