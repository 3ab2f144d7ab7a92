"""Stripe on a laptop: its HTTP API, hosted page and webhooks, as far as a shop needs them. No money moves.

It knows nothing of the shop and imports nothing of it: all that it hears comes through the real SDK.
"""
