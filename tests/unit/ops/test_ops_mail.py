"""An alert by mail: the words of strangers are words there, and no pictures, links or headers."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from broadcaster.daemon.alerts.catalog import Alert
from broadcaster.daemon.alerts.notifier import Notifier
from broadcaster.model import Secret


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes every mail, in the few words of SMTP that a client needs."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Dialog)


class _Dialog(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Mailbox)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (text := self.rfile.readline()) != b".\r\n":
                        lines.append(text)
                    self.server.mails.append(b"".join(lines))
                    self.wfile.write(b"250 taken\r\n")
                case b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                case _:
                    self.wfile.write(b"250 good\r\n")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # Apprise's own, for its keys
def test_a_mail_shows_what_was_said_as_it_was_said(mailbox: Mailbox) -> None:
    port = mailbox.server_address[1]
    url = f"mailto://127.0.0.1:{port}?from=office@example.ir&to=desk@example.ir&mode=insecure"
    said = "<img src=http://t.example/x><a href='http://phish.example'>سلام</a> *x* [y](http://z)"
    outlet = Notifier([Secret(url)])
    alert = Alert("cause", f"a\r\nBcc: x@example.com\r\n {said}", f"one\n{said}\x1b[8m\u202e")
    assert outlet.try_now(alert) == []
    outlet.close()
    (raw,) = mailbox.mails
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("broadcaster: a Bcc: x@example.com <img")
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    assert parts
    for part in parts:
        content = part.get_content()
        assert "سلام" in content
        assert "\x1b" not in content
        if part.get_content_type() == "text/html":
            assert "<img" not in content
            assert "<a " not in content
