from accounts import cognito, directory, mails
from accounts.errors import AccountsUnavailable
from cloudcart.celery import app


@app.task(
    name="accounts.answer_repeated_sign_up", autoretry_for=(AccountsUnavailable,), retry_backoff=True, max_retries=3
)
def answer_repeated_sign_up(*, email: str) -> None:
    """Mail a new code if the account is still unconfirmed, else that there is an account already."""
    if directory.find_status(email) == "UNCONFIRMED":
        cognito.resend_code(email=email)
    else:
        mails.send_account_exists(email=email)
