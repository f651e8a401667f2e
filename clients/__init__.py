"""What runs at the institutions: the SDK, the keyholder, the agent, the command line."""
