"""Things that one app tells and others may act on, without importing each other."""

from django.dispatch import Signal

# Sent by accounts after a sign-in, before the answer: `request`, `customer_id` (Cognito's sub).
customer_signed_in = Signal()
# Sent by accounts before a sign-out: `request`, `customer_id`.
customer_signed_out = Signal()
