"""Labelled corpora made from seeds: a development part, and a test part that is kept apart.

The parts share no template and no seed. Nothing in them is anybody's: values are generated with
valid check digits, names are drawn from lists. ``python -m support.corpora FOLDER`` writes both.
"""
