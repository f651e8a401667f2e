"""What the use cases ask of the outside, a file a family of ports."""
