"""GETs over one socket that stays open, and their answers read with nothing between us and the bytes.

The standard library reads the head of an answer with its parser of e-mails and the body through a file on the socket: four
times what the sending and receiving of a page cost. So this reads HTTP/1.1 itself, as much of it as an answer to a GET may be,
and takes what is not plainly that for garbled. Every byte is received under the socket's deadline (sockets.py).
"""

from __future__ import annotations

import re
import select
from collections.abc import Mapping

from providers.http.sockets import Deadline, PlainSocket, TlsSocket
from providers.http.wire import WireFailure, refuse_encoded

LONGEST_HEAD = 65_536
LONGEST_CHUNK_HEAD = 1_024
MOST_FIELDS = 100
FIRST_ROOM = 131_072  # mostly enough for a page of a hundred rows
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(r"HTTP/1\.([01]) ([1-9]\d\d)(?: .*)?")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")
_LENGTH = re.compile(r"[0-9]{1,18}")
_SENT = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~\x80-\xff]*)")


def _garbled(what: str) -> WireFailure:
    return WireFailure("garbled", f"The answer is not HTTP ({what}).")


def _cut_short() -> WireFailure:
    return WireFailure("truncated", "The connection broke before the answer's end.")


class Line:
    """For one thread at a time. After a failure it must be closed: nobody knows what of the answer is still to come."""

    def __init__(self, sock: PlainSocket | TlsSocket) -> None:
        self.is_over = False  # this was the last answer on this connection
        self._sock = sock
        self._room = bytearray(FIRST_ROOM)
        self._end = 0  # of what was received
        self._watch = select.poll()
        self._watch.register(sock, select.POLLIN)
        self._fields: tuple[Mapping[str, str], bytes] = ({}, b"")

    def close(self) -> None:
        self._sock.close()

    def keep_to(self, deadline: Deadline) -> None:
        self._sock.deadline = deadline

    def is_quiet(self) -> bool:
        """They have neither hung up nor said what nobody asked for."""
        return not self._watch.poll(0)

    def get(self, path: str, fields: Mapping[str, str], max_bytes: int) -> tuple[int, dict[str, str], bytes]:
        """Raises a WireFailure or an OSError."""
        self._sock.sendall(b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode("ascii"), self._written(fields)))
        self._end = 0
        status, is_old, received, at = self._final_head()
        refuse_encoded(received.get("content-encoding", ""), received.get("transfer-encoding", ""))
        said = received.get("connection", "").lower()
        self.is_over = "close" in said or (is_old and "keep-alive" not in said)
        body, at = self._body(status, received, at, max_bytes)
        self.is_over = self.is_over or at != self._end  # what came after it is no answer to what we shall ask
        return status, received, body

    def _written(self, fields: Mapping[str, str]) -> bytes:
        """The same ones for page after page, so they are checked once."""
        if self._fields[0] != fields:
            lines = [f"{name}: {value}" for name, value in fields.items()]
            if not all(map(_SENT.fullmatch, lines)):
                raise ValueError("Invalid header")
            self._fields = (dict(fields), "".join(f"{line}\r\n" for line in lines).encode("latin-1"))
        return self._fields[1]

    # What was received --------------------------------------------------------------------------------------------------

    def _more(self) -> bool:
        """Receive what there is. False at their end."""
        if self._end == len(self._room):
            self._room += bytes(max(FIRST_ROOM, len(self._room)))
        with memoryview(self._room) as room, room[self._end :] as free:
            count = self._sock.recv_into(free)
        self._end += count
        return count > 0

    def _need(self, end: int) -> None:
        while self._end < end:
            if not self._more():
                raise _cut_short()

    def _taken(self, start: int, end: int) -> bytes:
        with memoryview(self._room) as room:
            return bytes(room[start:end])

    def _final_head(self) -> tuple[int, bool, dict[str, str], int]:
        """Status, whether it is HTTP/1.0, the fields, and where the body begins. Notices on the way are passed over."""
        at = 0
        while True:
            end, after = self._head_end(at)
            status, is_old, received = _read_head(self._taken(at, end))
            if status >= 200:
                return status, is_old, received, after
            at = after

    def _head_end(self, at: int) -> tuple[int, int]:
        looked = at
        while not (found := _HEAD_END.search(self._room, looked, self._end)):
            if self._end - at > LONGEST_HEAD:
                raise _garbled("a head without an end")
            looked = max(at, self._end - 3)
            if not self._more():
                if self._end == at:
                    raise WireFailure("connection_lost", "They hung up without an answer.")
                raise _cut_short()
        if found.start() - at > LONGEST_HEAD:
            raise _garbled("a head without an end")
        return found.span()

    def _body(self, status: int, received: Mapping[str, str], at: int, max_bytes: int) -> tuple[bytes, int]:
        """The body, and where it ends."""
        if status in (204, 304):
            return b"", at
        declared = received.get("content-length")
        if "chunked" in received.get("transfer-encoding", "").lower():
            self.is_over = self.is_over or declared is not None  # two lengths: only one of them can be true
            return self._chunks(at, max_bytes)
        if declared is None:
            return self._all_there_is(at, max_bytes)
        if not _LENGTH.fullmatch(declared):
            raise _garbled("a length that is none")
        end = at + _bounded(int(declared), max_bytes)
        self._need(end)
        return self._taken(at, end), end

    def _all_there_is(self, at: int, max_bytes: int) -> tuple[bytes, int]:
        self.is_over = True
        while _bounded(self._end - at, max_bytes) >= 0 and self._more():
            pass
        return self._taken(at, self._end), self._end

    def _chunks(self, at: int, max_bytes: int) -> tuple[bytes, int]:
        body = bytearray()
        while True:
            size, at = self._chunk_size(at)
            if not size:
                return bytes(body), self._after_trailers(at)
            _bounded(len(body) + size, max_bytes)
            self._need(at + size)
            body += self._taken(at, at + size)
            rest, at = self._short_line(at + size)
            if rest:
                raise _cut_short()
            if at > FIRST_ROOM:  # lest many small chunks fill the memory
                del self._room[:at]
                self._end, at = self._end - at, 0

    def _chunk_size(self, at: int) -> tuple[int, int]:
        line, at = self._short_line(at)
        found = _SIZE.fullmatch(line)
        if not found:
            raise _cut_short()
        return int(found[1], 16), at

    def _after_trailers(self, at: int) -> int:
        for _n in range(MOST_FIELDS):
            line, at = self._short_line(at)
            if not line:
                return at
        raise _garbled("too many fields")

    def _short_line(self, at: int) -> tuple[bytes, int]:
        while (end := self._room.find(b"\n", at, self._end)) < 0:
            if self._end - at > LONGEST_CHUNK_HEAD:
                raise _garbled("a line without an end")
            if not self._more():
                raise _cut_short()
        return self._taken(at, end).removesuffix(b"\r"), end + 1


def _bounded(size: int, max_bytes: int) -> int:
    if size > max_bytes:
        raise WireFailure("too_large", f"The answer is larger than {max_bytes} bytes.")
    return size


def _read_head(head: bytes) -> tuple[int, bool, dict[str, str]]:
    """A field that comes twice is one with a comma. None is folded: nobody has done that since 2014."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    begun = _STATUS.fullmatch(first)
    if not begun:
        raise _garbled("no status")
    if len(lines) > MOST_FIELDS:
        raise _garbled("too many fields")
    received: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if not found:
            raise _garbled("a field that is none")
        name, value = found[1].lower(), found[2].rstrip(" \t")
        received[name] = f"{received[name]}, {value}" if name in received else value
    return int(begun[2]), begun[1] == "0", received
