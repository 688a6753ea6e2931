"""A mail server by others' hands (aiosmtpd): takes mails over TLS from who has signed in.

usage: mail_server.py CERT KEY FOLDER MODE [SCRIPT]. MODE is `starttls` or `tls`. The port is the first
line it prints. SCRIPT is a list of words for the first mails: `450` (greylisted), `550` (nobody here),
`554` (refused after the whole mail), `drop` (cuts the line before the mail), `cut` (takes the mail and
cuts the line instead of an answer). Every mail it takes is a line of JSON in FOLDER/mails.
"""

import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

certificate, key, folder, mode = sys.argv[1:5]
script = sys.argv[5].split(",") if len(sys.argv) > 5 and sys.argv[5] else []
USER, PASSWORD = b"siskin", b"s3cret-of-mail"
# What each connection does to its mail.
words = {}


def signed_in(server, session, envelope, mechanism, data):
    # "Not handled" makes aiosmtpd itself say 535.
    is_right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=is_right, handled=False)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        words[session] = script.pop(0) if script else "take"
        if words[session] == "drop":
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if words[session] == "450":
            return "450 4.7.1 greylisted, come again"
        if words[session] == "550":
            return "550 5.1.1 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if words[session] == "554":
            return "554 5.7.1 no such mails here"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "id": mail["Message-ID"],
            "subject": mail["Subject"],
            "body": mail.get_content(),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "auto": mail["Auto-Submitted"],
            "tls": mode == "tls" or session.ssl is not None,
            "signed_in": session.authenticated,
        }
        with open(os.path.join(folder, "mails"), "a") as lines:
            lines.write(json.dumps(line) + "\n")
        if words[session] == "cut":
            server.transport.abort()
        return "250 2.0.0 taken"


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    is_starttls = mode == "starttls"

    def line():
        return SMTP(
            Handler(),
            hostname="mail.test",
            tls_context=context if is_starttls else None,
            require_starttls=is_starttls,
            authenticator=signed_in,
            auth_required=True,
            auth_require_tls=is_starttls,
        )

    loop = asyncio.get_running_loop()
    wrapped = None if is_starttls else context
    server = await loop.create_server(line, "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
