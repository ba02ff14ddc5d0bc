"""A server that never finishes an answer: after its first words an octet now and then."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PAUSE = 0.05
"""Seconds from one octet to the next."""


@contextmanager
def dripping(greeting: bytes, answers: Sequence[bytes] = ()) -> Iterator[int]:
    """Its port on this machine: it greets, gives one of the answers for each line of the client's, and then drips."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listener.accept()
            with client, client.makefile("rb") as lines:
                client.sendall(greeting)
                for answer in answers:
                    lines.readline()
                    client.sendall(answer)
                while not over.wait(PAUSE):
                    client.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            server.join()
