"""What can go wrong between a client and a provider, one class a kind: its parameters and what it does.

A kind's name in the control API is its class name in snake case. `after` always means: the effect happens first.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from providers.sandbox.line import head_of, phrase_of
from providers.sandbox.stage import Stage
from providers.sandbox.twin import Answer, in_html, in_json

Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Ending = Literal["rst", "close"]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=snake):
    """Which requests are met by it ('' means any), and how often, after letting the first `skip` of them pass."""

    provider: str = ""
    endpoint: str = ""
    code: str = ""
    times: Count | Literal["forever"] = 1
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    probability: Share = 1.0
    seed: int = 0

    def play(self, stage: Stage) -> None:
        raise NotImplementedError

    @property
    def kind(self) -> str:
        return snake(type(self).__name__)


def end(stage: Stage, how: Ending) -> None:
    if how == "rst":
        stage.line.reset()
    else:
        stage.line.hang_up()


class Refuse(Fault):
    """RST before the body is read. A true refusal to connect is `down`, on the provider's own port."""

    def __post_init__(self) -> None:
        if self.code:
            raise ValueError("refuse comes before the body is read, so it cannot know the code")

    def play(self, stage: Stage) -> None:
        stage.line.reset()


class DropBefore(Fault):
    how: Ending = "rst"

    def play(self, stage: Stage) -> None:
        end(stage, self.how)


class DropAfter(Fault):
    how: Ending = "rst"

    def play(self, stage: Stage) -> None:
        stage.perform()
        end(stage, self.how)


class HangBefore(Fault):
    seconds: Seconds = 60.0

    def play(self, stage: Stage) -> None:
        stage.line.pause(self.seconds)
        stage.line.reset()


class HangAfter(Fault):
    seconds: Seconds = 60.0

    def play(self, stage: Stage) -> None:
        stage.perform()
        stage.line.pause(self.seconds)
        stage.line.reset()


class Delay(Fault):
    """The effect at once, the answer late."""

    seconds: Seconds = 3.0

    def play(self, stage: Stage) -> None:
        answer = stage.perform()
        stage.line.pause(self.seconds)
        stage.line.send(answer)


class LateEffect(Fault):
    """The answer at once and saying nothing, the effect late."""

    seconds: Seconds = 2.0
    answer: Literal["504", "rst"] = "504"

    def play(self, stage: Stage) -> None:
        stage.later(self.seconds, stage.perform)
        if self.answer == "rst":
            stage.line.reset()
        else:
            stage.line.send(error_page(504))


class Drip(Fault):
    """One byte every `seconds`: no read ever times out."""

    seconds: Seconds = 0.2
    where: Literal["headers", "body"] = "body"
    after: bool = True

    def play(self, stage: Stage) -> None:
        answer = stage.answer(after=self.after)
        head = head_of(answer)
        if self.where == "body":
            stage.line.write(head)
            head = b""
        stage.line.drip(head + answer.body, self.seconds)


class StaleRead(Fault):
    """A read answers what was true `seconds` ago. Writes are not touched."""

    seconds: Seconds = 5.0

    def play(self, stage: Stage) -> None:
        stage.line.send(stage.rehearse(self.seconds) if stage.is_read else stage.perform())


class Partial(Fault):
    """Of several vouchers the first `count` are used, never all; then the provider breaks down."""

    count: Count = 1
    how: Literal["500", "rst", "close"] = "500"

    def play(self, stage: Stage) -> None:
        stage.perform_partly(min(self.count, len(stage.codes) - 1))
        if self.how == "500":
            stage.line.send(error_page(500))
        else:
            end(stage, self.how)


class Human(Fault):
    """Somebody at the provider's own portal uses one of the vouchers (the first, unless the fault is for another), just
    before this request or just after it."""

    when: Literal["before", "after"] = "before"

    def play(self, stage: Stage) -> None:
        code = self.code or next(iter(stage.codes), "")
        if self.when == "before":
            stage.use_at_portal(code)
        answer = stage.perform()
        if self.when == "after":
            stage.use_at_portal(code)
        stage.line.send(answer)


class Status(Fault):
    """An error status. `body` "exception" is what the Laravel apps of this family answer when they crash."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    body: Literal["html", "json", "exception", "empty"] = "html"
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    after: bool = False

    def play(self, stage: Stage) -> None:
        if self.after:
            stage.perform()
        answer = self._answer()
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        stage.line.send(Answer(answer.status, answer.body, {**answer.headers, **wait}))

    def _answer(self) -> Answer:
        if self.body == "html":
            return error_page(self.status)
        if self.body == "json":
            text = "Too Many Attempts." if self.status == 429 else phrase_of(self.status)
            return in_json(self.status, {"message": text})
        if self.body == "exception":
            where = {"line": 412, "file": "/var/www/html/vendor/laravel/framework/src/Connection.php"}
            return in_json(self.status, {"key": "exception", "msg": "Server Error", "data": where})
        return Answer(self.status)


def error_page(status: int) -> Answer:
    title = f"{status} {phrase_of(status)}"
    return in_html(
        status, f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>"
    )
