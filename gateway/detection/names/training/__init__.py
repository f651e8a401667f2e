"""Makes the name models anew. Only run by hand: nothing of the gateway imports it."""
