"""What an answer costs in privacy, how exact it is, and which cohorts give people away.

Owns budgets in micro-rho, sensitivities, the noise that each agent adds, the error to expect of a
figure, and the algebra of overlapping cohorts. Refuses to draw noise, to read a clock and to see a
record: numbers in, numbers or a refusal out. Where a figure cannot be exact it is rounded against
who asks: costs up, noise up, what is left down.
"""
