"""Between the SDK's frozen values and the messages of the protos."""
