"""The subject's own values, found in free text whole, disguised by spacing, or in usual parts."""
