"""`examples/gateway`, and small back ends to put behind it."""

import copy
import http.server
import os
import pathlib
import socket
import threading

from server import KEYS, PORTAL, Listening

GATEWAY = os.environ.get("GATEWAY", str(pathlib.Path(PORTAL).with_name("gateway")))


class Gateway(Listening):
    """The back ends are URLs, or options of the command line."""

    def __init__(self, *backends, options=(), keys=KEYS):
        named = [word for backend in backends for word in ["--backend", backend]]
        super().__init__([GATEWAY, "--listen", "127.0.0.1:0", "--probe", "1", *named, *options], keys)


class Backend(http.server.ThreadingHTTPServer):
    """Keeps the requests that came, and answers them as the test says: by `answer(request)`, which writes the response."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, name, answer, port=0):
        self.name, self.answer = name, answer
        self.seen, self.connections, self.lock = [], set(), threading.Lock()
        super().__init__(("127.0.0.1", port), Request)
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def process_request(self, request, client_address):
        with self.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self.lock:
            self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Who is stopped in the middle of a response need not say so."""

    def stop(self):
        """Like a process that is killed: the port is closed, and so is every connection."""
        self.shutdown()
        self.thread.join()
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.server_close()


class Request(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        self.raw_requestline = self.rfile.readline(1 << 17)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        self.trailers = []
        self.content = self.read_content()
        # `path` has been tidied up.
        self.target = self.requestline.split(" ")[1]
        with self.server.lock:
            # One object reads all requests of a connection.
            self.server.seen.append(copy.copy(self))
        self.server.answer(self)
        self.wfile.flush()

    def read_content(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        while line := self.rfile.readline().strip():
            self.trailers.append(line)
        return content

    def all(self, name):
        return self.headers.get_all(name, [])

    @property
    def cookies(self):
        """The names and values in the `Cookie` header."""
        return [pair for field in self.all("cookie") for pair in field.split("; ")]

    def reply(self, content=b"", *headers, status=200):
        """A whole response of known length. Headers are whole lines."""
        self.write(status, f"Content-Length: {len(content)}", *headers)
        if self.command != "HEAD":
            self.wfile.write(content)

    def write(self, status, *headers):
        lines = [f"HTTP/1.1 {status} Said", *headers]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def log_message(self, *_):
        """Silent."""


def by_name(request):
    """Answers with the back end's name."""
    request.reply(request.server.name.encode())
