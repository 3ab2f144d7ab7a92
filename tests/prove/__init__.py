"""The proof that no order, unit or cent is lost or doubled, whatever dies and in whatever order things come.

`python -m tests.prove` runs it at length (`make prove`), test_prove.py a little of it; docs/reliability.md tells
what it does and what it found.
"""
