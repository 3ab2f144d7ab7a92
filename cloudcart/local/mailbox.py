"""The mails that the embedded SES and Cognito have sent, which on a laptop reach nobody."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from cloudcart.local.problems import LocalProblem

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


@dataclass(frozen=True)
class Mail:
    """One mail as it was sent; ``html`` is empty if it has only text."""

    mail_id: str
    sender: str
    recipients: list[str]
    subject: str
    text: str
    html: str
    sent_at: datetime

    @property
    def addresses(self) -> list[str]:
        return [parseaddr(recipient)[1].lower() for recipient in self.recipients]

    @property
    def codes(self) -> list[str]:
        """The six-digit codes to type somewhere, each once."""
        return list(dict.fromkeys(_CODE.findall(f"{self.subject}\n{self.text}" if self.text else self.html)))


def list_mails(*, endpoint_url: str, recipient: str = "") -> list[Mail]:
    """List the mails, the newest first.

    :param recipient: part of an address, in any case; all mails if empty.
    :raises LocalProblem: if the embedded AWS does not answer.
    """
    try:
        with urllib.request.urlopen(f"{endpoint_url}/_ministack/ses/messages", timeout=5) as answer:
            by_account = json.loads(answer.read())["messages"]
    except (urllib.error.URLError, OSError) as error:
        raise LocalProblem("The embedded AWS does not answer; it has the mails.") from error
    mails = [_mail(raw) for account in by_account.values() for raw in account]
    wanted = [mail for mail in mails if any(recipient.lower() in address for address in mail.addresses)]
    return sorted(wanted, key=lambda mail: mail.sent_at, reverse=True)


def find_mail(mail_id: str, *, endpoint_url: str) -> Mail | None:
    """:raises LocalProblem: if the embedded AWS does not answer."""
    return next((mail for mail in list_mails(endpoint_url=endpoint_url) if mail.mail_id == mail_id), None)


def _mail(raw: dict[str, Any]) -> Mail:
    return Mail(
        mail_id=raw["MessageId"].partition("@")[0],
        sender=raw["Source"],
        recipients=[*raw["To"], *raw["CC"], *raw["BCC"]],
        subject=raw["Subject"].strip() or "(no subject)",
        text=raw["BodyText"] or "",
        html=raw["BodyHtml"] or "",
        sent_at=datetime.fromtimestamp(raw["Timestamp"], tz=UTC),
    )
