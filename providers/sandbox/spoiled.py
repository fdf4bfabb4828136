"""Answers that came, but cannot be trusted. Each takes the twin's true answer and spoils it.

`after` says whether what was asked really happened; the spoiled answer looks the same either way.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from providers.sandbox.faults import Fault
from providers.sandbox.stage import Stage
from providers.sandbox.twin import Answer, in_html, in_json

Megabytes = Annotated[int, msgspec.Meta(ge=1, le=1024)]
MEGABYTE = b" " * 1024 * 1024
LOGIN_PAGE = '<!DOCTYPE html><html><body><form method="POST" action="/login"><input name="email"></form></body></html>'


class Spoiled(Fault):
    after: bool = True
    needs_a_spoiled_answer: ClassVar[bool] = True  # False: it is the way of delivering that spoils it

    def play(self, stage: Stage) -> None:
        answer = stage.answer(after=self.after)
        spoiled = self.spoil(stage, answer)
        flawless = (
            spoiled == answer if self.needs_a_spoiled_answer else spoiled.status == 204
        )  # which nothing can follow
        if flawless and not self.after:
            spoiled = stage.perform()  # there was nothing in it to spoil, and a flawless answer must be a true one
        self.deliver(stage, spoiled)

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return answer

    def deliver(self, stage: Stage, answer: Answer) -> None:
        stage.line.send(answer)


class HtmlLogin(Spoiled):
    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return in_html(200, LOGIN_PAGE)


class Garbage(Spoiled):
    """Claims to be JSON and is not."""

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return with_body(answer, b"\x00\x1f}{ not json \x7f" * 4)


class Empty(Spoiled):
    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return with_body(answer, b"")


class Truncated(Spoiled):
    """Content-Length promises the whole, half of it comes, then an orderly close."""

    needs_a_spoiled_answer = False

    def deliver(self, stage: Stage, answer: Answer) -> None:
        stage.line.stream(answer, [answer.body[: len(answer.body) // 2]], len(answer.body))


class NullData(Spoiled):
    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return rewritten(answer, lambda content: None)


class WrongCode(Spoiled):
    """A flawless answer, about another voucher."""

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return stage.about_another(answer)


class Unauthorized(Spoiled):
    shape: str = "envelope"
    after: bool = False

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return stage.twin.unauthorized(self.shape, stage.request)


class Redirect(Spoiled):
    status: Literal[301, 302, 303, 307, 308] = 302
    to: str = "https://login.invalid/login"
    after: bool = False

    def __post_init__(self) -> None:
        if not self.to.isascii() or not self.to.isprintable():
            raise ValueError("to must be a URL of printable ASCII")

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return Answer(self.status, b"", {"Location": self.to})


class Huge(Spoiled):
    """Valid JSON behind megabytes of blanks."""

    megabytes: Megabytes = 20
    needs_a_spoiled_answer = False

    def deliver(self, stage: Stage, answer: Answer) -> None:
        stage.line.stream(answer, self._pieces(answer), self.megabytes * len(MEGABYTE) + len(answer.body))

    def _pieces(self, answer: Answer) -> Iterator[bytes]:
        for _ in range(self.megabytes):
            yield MEGABYTE
        yield answer.body


class GzipBomb(Spoiled):
    """Small on the wire, `megabytes` once unpacked."""

    megabytes: Megabytes = 100

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        packer = zlib.compressobj(9, wbits=31)
        packed = b"".join(packer.compress(MEGABYTE) for _ in range(self.megabytes))
        body = packed + packer.compress(answer.body) + packer.flush()
        return Answer(answer.status, body, {**answer.headers, "Content-Encoding": "gzip"})


class DuplicateKeys(Spoiled):
    """Two answers in one object: a parser that keeps the last of each key reads success, one that keeps the first does not."""

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        before, brace, rest = answer.body.partition(b"{")
        try:
            content = json.JSONDecoder().raw_decode((brace + rest).decode())[0]
        except ValueError:  # an HTML page, an empty list
            return answer
        denied = "".join(f"{json.dumps(name)}:null," for name in content)
        return with_body(answer, before + brace + denied.encode() + rest)


class Nan(Spoiled):
    """Every number becomes something JSON does not have, or no float can hold."""

    literal: Literal["NaN", "Infinity", "-Infinity", "1e400"] = "NaN"

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        marked = rewritten(answer, lambda content: each_number(content, lambda number: "@number@"))
        return with_body(marked, marked.body.replace(b'"@number@"', self.literal.encode()))


class BadUtf8(Spoiled):
    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return with_body(answer, answer.body.replace(b':"', b':"\xff\xfe\xc3\x28', 1))


class WrongTypes(Spoiled):
    how: Literal["list", "data_list", "data_string", "string_numbers"] = "list"

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        if self.how == "list":
            return with_body(answer, b"[" + answer.body + b"]")
        return rewritten(answer, CHANGES[self.how])


class UnseenStatus(Spoiled):
    """A status word nobody has documented."""

    word: str = "frozen"

    def spoil(self, stage: Stage, answer: Answer) -> Answer:
        return rewritten(answer, self._with_word)

    def _with_word(self, content: Any) -> Any:
        if isinstance(content, list):
            return [self._with_word(item) for item in content]
        return {**content, "status": self.word} if isinstance(content, dict) and "status" in content else content


def with_body(answer: Answer, body: bytes) -> Answer:
    return Answer(200 if answer.status == 204 else answer.status, body, answer.headers)


def rewritten(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """The answer with its payload changed: what is under "data", or everything where there is no such envelope."""
    try:
        content = json.loads(answer.body)
    except ValueError:  # an HTML page has nothing to spoil
        return answer
    enveloped = isinstance(content, dict) and "data" in content
    changed = {**content, "data": change(content["data"])} if enveloped else change(content)
    return in_json(answer.status, changed, answer.headers)


def each_number(content: Any, change: Callable[[int | float], Any]) -> Any:
    if isinstance(content, dict):
        return {name: each_number(value, change) for name, value in content.items()}
    if isinstance(content, list):
        return [each_number(value, change) for value in content]
    return change(content) if isinstance(content, int | float) and not isinstance(content, bool) else content


CHANGES: dict[str, Callable[[Any], Any]] = {
    "data_list": lambda content: [content],
    "data_string": json.dumps,
    "string_numbers": lambda content: each_number(content, str),
}
