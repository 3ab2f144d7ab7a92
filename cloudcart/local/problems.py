class LocalProblem(Exception):
    """Something on this machine keeps the shop from running; the text says what and what to do."""
