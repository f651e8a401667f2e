"""Binning on a lender's side (protocol B): rows, talk, figures."""
