"""The way out for mail: the server that the settings name, with TLS wherever it offers it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20.0
PORTS = {"smtp": 25, "smtps": 465}


@contextmanager
def mail_server(url: str) -> Iterator[smtplib.SMTP]:
    """A connection to the server of an address like smtps://user:password@host:465.

    Raises smtplib.SMTPException or OSError. A password is told to no server but over TLS.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    trusted = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and (server.has_extn("starttls") or parts.username):
            server.starttls(context=trusted)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server


def letter(sender: str, recipient: str, subject: str, text: str, html: str, message_id: str) -> EmailMessage:
    """A mail in plain text and in HTML; line breaks have no place in its head."""
    made = EmailMessage()
    made["From"], made["To"] = sender, recipient
    made["Subject"] = " ".join(subject.split())
    made["Message-ID"] = message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    return made
