"""How good the detection is: labelled corpora, scores, and peers beside it."""
