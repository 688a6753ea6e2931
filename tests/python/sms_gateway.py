"""A gateway of text messages: HTTPS, JSON, a token in a header, and a code in its answers.

usage: sms_gateway.py CERT KEY FOLDER [SCRIPT]. The port is the first line it prints. SCRIPT is a list
of words for the first requests: a status (`503`), `no` (200 and a code that is not 0), `half` (an
answer that is cut). Every request with the right token is a line of JSON in FOLDER/texts.
"""

import http.server
import json
import os
import ssl
import sys

certificate, key, folder = sys.argv[1:4]
script = sys.argv[4].split(",") if len(sys.argv) > 4 and sys.argv[4] else []
TOKEN = "s3cret-of-sms"


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Bearer " + TOKEN:
            self.answer(401, {"code": 9})
            return
        word = script.pop(0) if script else "take"
        line = {"word": word, "key": self.headers["Idempotency-Key"], "body": body}
        with open(os.path.join(folder, "texts"), "a") as lines:
            lines.write(json.dumps(line) + "\n")
        if word == "half":
            self.send_response(200)
            self.send_header("Content-Length", "40")
            self.end_headers()
            self.wfile.write(b'{"code":0')
            self.close_connection = True
        elif word == "no":
            self.answer(200, {"code": 17, "message": "no balance"})
        elif word == "take":
            self.answer(200, {"code": 0, "id": "m-1"})
        else:
            self.answer(int(word), {})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
