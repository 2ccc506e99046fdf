"""A mail server for a test: tells its port, then each mail that it took as one line of JSON.

python smtp.py [--port N] [--starttls | --tls] [--cert FILE --key FILE] [--login USER PASSWORD] [--refuse N]
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# Clients that turn away are what some tests are about.
logging.disable()
warnings.simplefilter("ignore")

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, default=0)
options.add_argument("--starttls", action="store_true")
options.add_argument("--tls", action="store_true")
options.add_argument("--cert")
options.add_argument("--key")
options.add_argument("--login", nargs=2)
# How many mails are refused before the first is taken.
options.add_argument("--refuse", type=int, default=0)
options = options.parse_args()


def tell(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_DATA(self, server, session, envelope):
        if options.refuse > 0:
            options.refuse -= 1
            tell({"refused": envelope.rcpt_tos})
            return "451 come back later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        tell(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": [[name, str(value)] for name, value in message.items()],
                "body": message.get_content(),
                "tls": session.ssl is not None or options.tls,
                "user": session.auth_data.login.decode() if session.auth_data else None,
            }
        )
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = [data.login.decode(), data.password.decode()] == options.login
    return AuthResult(success=right, handled=False, auth_data=data if right else None)


def context():
    if not options.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    return context


def conversation():
    return SMTP(
        Handler(),
        hostname="mail.example.com",
        enable_SMTPUTF8=True,
        tls_context=context() if options.starttls else None,
        require_starttls=options.starttls,
        authenticator=authenticate if options.login else None,
        auth_required=bool(options.login),
        auth_require_tls=not options.tls,
    )


async def main():
    loop = asyncio.get_running_loop()
    wrapped = context() if options.tls else None
    server = await loop.create_server(conversation, "127.0.0.1", options.port, ssl=wrapped)
    tell({"port": server.sockets[0].getsockname()[1]})
    # The test holds the other end, and is gone once it closes.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
