"""Adapters: each joins one technology to one port, and is named ``technology_port.py``."""
