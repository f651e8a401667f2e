"""The gRPC face of the gateway: decode, call the use case, encode."""
