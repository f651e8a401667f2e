"""Binning on a bureau's side (protocol B): talk, data, history, sums."""
