"""Names in Chinese text: ``recogniser`` is what the detector asks."""
