"""A bureau: an HTTPS server that asks for a client certificate and takes each CAP message once.

usage: bureau.py CERT KEY CA FOLDER [SCRIPT]. The port is the first line it prints. SCRIPT is a list
of words for the first requests: a status (`503`), `cut` (takes it and answers nothing), `slow`. Every
message it takes becomes a file FOLDER/<place>-<identifier>.xml, in order; a message whose
Idempotency-Key it knows is accepted again and not taken again. FOLDER/requests has a line each.
"""

import http.server
import os
import ssl
import sys
import threading
import time
import xml.etree.ElementTree as tree

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"

certificate, key, authority, folder = sys.argv[1:5]
script = sys.argv[5].split(",") if len(sys.argv) > 5 and sys.argv[5] else []
lock = threading.Lock()
# What was taken before a restart of this server is known by its files.
taken = {name.split("-", 1)[1][: -len(".xml")] for name in os.listdir(folder) if name.endswith(".xml")}


class Bureau(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.headers["Idempotency-Key"]
        with lock:
            word = script.pop(0) if script else "take"
            with open(os.path.join(folder, "requests"), "a") as lines:
                lines.write(f"{word} {name} {time.time() * 1000:.3f}\n")
            if word in ("take", "cut", "slow"):
                self.take(name, body)
        if word == "cut":
            self.close_connection = True
            self.connection.close()
            return
        if word == "slow":
            time.sleep(1)
        self.answer(200 if word in ("take", "slow") else int(word))

    def take(self, name, body):
        identifier = tree.fromstring(body).findtext(NAMESPACE + "identifier")
        assert identifier == name, (identifier, name)
        if name in taken:
            return
        path = os.path.join(folder, f"{len(taken):04}-{name}.xml")
        with open(path + ".part", "wb") as file:
            file.write(body)
        os.rename(path + ".part", path)
        taken.add(name)

    def answer(self, status):
        body = b"ok"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(authority)
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bureau)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
