"""A TCP proxy on loopback that writes down what passes, and can cut it off or hold it back."""

import contextlib
import socket
import threading


class Wire:
    """Stands before a server at a port of 127.0.0.1; clients connect to ``port``."""

    def __init__(self, server: int) -> None:
        self.recorded = bytearray()
        """All that passed, both ways."""
        self.asked = bytearray()
        """What the clients sent."""
        self.connections = 0
        self._server = server
        self._budget: int | None = None
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, after: int | None) -> None:
        """Every connection dies once the server has sent so many more octets in all; None: no longer."""
        with self._lock:
            self._budget = after
        if after == 0:
            self._kill()

    def stall(self, stalled: bool) -> None:
        """While stalled, connections stay open and nothing that the server sends comes through."""
        self._flows.clear() if stalled else self._flows.set()

    def close(self) -> None:
        """Refuse further connections and end the open ones."""
        self._flows.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._kill()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._budget == 0:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start, end, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pump, args=(start, end, answers), daemon=True).start()

    def _pump(self, start: socket.socket, end: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := start.recv(1 << 16):
                if answers:
                    self._flows.wait()
                piece, dies = self._pass(piece, answers)
                end.sendall(piece)
                if dies:
                    break
        for one in (start, end):
            _end(one)

    def _pass(self, piece: bytes, answers: bool) -> tuple[bytes, bool]:
        """Write down what may pass of the piece, and whether the connection dies after it."""
        with self._lock:
            if answers and self._budget is not None:
                piece = piece[: self._budget]
                self._budget -= len(piece)
            self.recorded += piece
            self.asked += b"" if answers else piece
            return piece, answers and self._budget == 0

    def _kill(self) -> None:
        with self._lock:
            connections, self._open = self._open, set()
        for one in connections:
            _end(one)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
