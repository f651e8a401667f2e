"""The additive schemes behind their port, in a process of their own, and the tree of contributions.

Owns sending the work there and back. Refuses to hold a secret key, or to do such work on the event
loop.
"""
