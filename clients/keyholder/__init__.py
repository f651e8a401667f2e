"""The keyholder: asks questions of many institutions at once, and alone can open the answers.

Owns an asker's keys, its questions, the checks before anything is opened, and what the figures mean
afterwards. Refuses to take the gateway's word: every statement is checked against keys and
authorities that the keyholder was given, and a result is opened once.
"""
