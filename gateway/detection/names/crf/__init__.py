"""Linear-chain conditional random fields: the file of a model, sums of weights, decoding."""
