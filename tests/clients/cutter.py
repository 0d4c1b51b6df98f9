"""A line between a program and its server that can be cut in every way that lines are cut."""

import contextlib
import select
import socket
import threading
import time

# It passes what comes; it takes connections and what they say and passes nothing; it refuses, and cuts what there is; it ends what the
# server says, and passes what the program says; it passes everything so many seconds later; it passes nothing more on the connections
# that there are, for good, and passes what comes on others.
PASS, SILENT, REFUSE, HALF, SLOW, LOST = "pass", "silent", "refuse", "half", "slow", "lost"


class Cutter:
    """One thread a connection, a loopback port of its own."""

    def __init__(self, target, delay=0.1):
        self.target, self.delay, self.mode = target, delay, PASS
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = self.listener.getsockname()
        self.port = self.address[1]
        self.pairs, self.lost, self.lock, self.ended = set(), set(), threading.Lock(), False
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def turn(self, mode):
        """To this mode, connections that there are included."""
        with self.lock:
            pairs = list(self.pairs)
            if mode == LOST:
                self.lost.update(program for program, _ in pairs)
            self.mode = mode
        for program, server in pairs:
            if mode == REFUSE:
                abort(program)
                abort(server)
            if mode == HALF:
                with contextlib.suppress(OSError):
                    program.shutdown(socket.SHUT_WR)

    def cut(self):
        """What there is, once; what comes then is passed."""
        self.turn(REFUSE)
        self.turn(PASS)

    def stop(self):
        self.ended = True
        self.turn(REFUSE)
        with contextlib.suppress(OSError):
            socket.create_connection(self.address, timeout=1).close()
        self.thread.join()
        self.listener.close()

    def _accept(self):
        while not self.ended:
            program, _ = self.listener.accept()
            if self.mode == REFUSE or self.ended:
                abort(program)
                continue
            threading.Thread(target=self._serve, args=(program,), daemon=True).start()

    def _serve(self, program):
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            abort(program)
            return
        pair = (program, server)
        with self.lock:
            self.pairs.add(pair)
            refused = self.mode == REFUSE
        try:
            if refused:
                return
            if self.mode == HALF:
                program.shutdown(socket.SHUT_WR)
            self._pass(program, server)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.pairs.discard(pair)
                self.lost.discard(program)
            abort(program)
            abort(server)

    def _pass(self, program, server):
        while True:
            if self.mode == SILENT or program in self.lost:
                # Both ends stay open, and hear nothing.
                time.sleep(0.05)
                if program.fileno() < 0 or self.ended:
                    return
                continue
            ready, _, _ = select.select([program, server], [], [], 0.1)
            for one in ready:
                other = server if one is program else program
                if self.mode == SILENT or program in self.lost:
                    break
                some = one.recv(65536)
                if not some:
                    return
                if self.mode == SLOW:
                    time.sleep(self.delay)
                if self.mode == HALF and one is server:
                    continue
                other.sendall(some)


def abort(connection):
    """Without a farewell: the other end gets a reset."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()
