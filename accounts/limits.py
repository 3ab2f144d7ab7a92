"""How often what may be tried, all numbers in one place.

Every act is counted by the account it is about (whether or not there is such an account: the answer
is the same) and by the network address it comes from.
"""

from datetime import timedelta

from cloudcart.rate_limits import Guard, RateLimit

_QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)


# Five wrong passwords are where Cognito's own lock begins, which is known to hold for existing
# accounts: ours comes first, and for invented ones too. Right passwords are forgiven, so only wrong ones
# count. Fifty by address leaves room for an office behind one address, and stops a list of passwords.
SIGN_IN = Guard(RateLimit("sign-in-address", 50, _QUARTER), RateLimit("sign-in-account", 5, _QUARTER))

# Each sends a mail, so this bounds what strangers can have sent to somebody's mailbox; and 20 by
# address is more than a household opens in an hour.
SIGN_UP = Guard(RateLimit("sign-up-address", 20, _HOUR), RateLimit("sign-up-account", 5, _HOUR))
RESEND = Guard(RateLimit("resend-address", 20, _HOUR), RateLimit("resend-account", 5, _HOUR))

# Cognito sends 5 to 20 an hour to one account and then answers differently; 4 stays below it.
FORGOT_PASSWORD = Guard(RateLimit("forgot-address", 20, _HOUR), RateLimit("forgot-account", 4, _HOUR))

# Codes have six digits: ten guesses an hour find one within its life of a day once in 4,000 tries.
ENTER_CODE = Guard(RateLimit("code-address", 60, _HOUR), RateLimit("code-account", 10, _HOUR))

# Somebody who found an open browser guesses the present password.
CHANGE_PASSWORD = Guard(
    RateLimit("change-password-address", 50, _QUARTER), RateLimit("change-password-account", 5, _QUARTER)
)
