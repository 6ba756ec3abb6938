"""Letters get their addresses and headers."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from services.deadlines.domain.case import Case
from services.deadlines.domain.ladder import Audience
from services.deadlines.domain.mail import Letter, OwedMail
from services.deadlines.outside.directory import LinkInspector


@dataclass(frozen=True, slots=True)
class Post:
    """Who writes, the office's own mailboxes, and where the console is.

    The support team's is also written to when nobody is link inspector.
    """

    sender: str
    support_mailbox: str
    console_url: str
    chief_mailbox: str = "chief.inspector@example.org"

    def link(self, case: Case) -> str:
        """The page of a case in the console."""
        return f"{self.console_url.rstrip('/')}/cases/{case.reference}"

    def address(
        self, letter: Letter, mail: OwedMail, inspector: LinkInspector | None, now: datetime
    ) -> EmailMessage:
        """The message as it travels; machines are told not to answer it."""
        to = inspector.mailbox if inspector else self._office(mail.occasion.audience)
        message = self.enclose(letter, mail.message_id, to, now)
        message["X-Scrutiny-Reference"] = mail.case.reference
        return message

    def enclose(self, letter: Letter, message_id: str, to: str, now: datetime) -> EmailMessage:
        """Any letter to one mailbox."""
        message = EmailMessage()
        message["Message-ID"] = message_id
        message["Date"] = now
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = letter.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _office(self, audience: Audience) -> str:
        return self.chief_mailbox if audience is Audience.CHIEF_INSPECTOR else self.support_mailbox
