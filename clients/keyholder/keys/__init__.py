"""The keyholder's keys: made, sealed at rest, found again."""
