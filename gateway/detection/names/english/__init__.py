"""Names in English and other Latin text: ``recogniser`` is what the detector asks."""
