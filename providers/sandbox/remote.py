"""The control API from Python, for tests: `Remote("http://127.0.0.1:8900").fault("drop_after", endpoint="redeem")`."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from providers.sandbox.books import Seen
from providers.sandbox.control import PREFIX
from providers.sandbox.shelf import Effect

T = TypeVar("T")
JsonObject = dict[str, Any]


class ControlRefused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


class Remote:
    def __init__(self, origin: str) -> None:
        self._address = urlsplit(origin).netloc

    def _call(self, method: str, path: str, content: object = None, **query: object) -> JsonObject:
        connection = HTTPConnection(self._address, timeout=10)
        body = b"" if content is None else msgspec.json.encode(content)
        asked = "?" + urlencode(query) if query else ""
        try:
            connection.request(method, f"{PREFIX}{path}{asked}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = msgspec.json.decode(response.read(), type=JsonObject)
        finally:
            connection.close()
        if response.status != 200:
            raise ControlRefused(response.status, str(answer.get("error", "")))
        return answer

    def overview(self) -> JsonObject:
        return self._call("GET", "")

    def fault(self, kind: str, *, times: int | str = 1, **parameters: object) -> int:
        """Script one fault; its number. Parameters: provider, endpoint, code, probability, seed and the kind's own."""
        ids: list[int] = self._call("POST", "faults", {"kind": kind, "times": times, **parameters})["ids"]
        return ids[0]

    def faults(self) -> list[JsonObject]:
        return _read(self._call("GET", "faults")["faults"], list[JsonObject])

    def clear_faults(self) -> None:
        """The seed mode ends, too."""
        self._call("DELETE", "faults")

    def seed_mode(self, seed: int, rate: float, kinds: Sequence[str | JsonObject] | None = None, **match: Any) -> None:
        chosen = {} if kinds is None else {"kinds": kinds}
        self._call("POST", "seed_mode", {"seed": seed, "rate": rate, **chosen, **match})

    def ledger(self, provider: str = "", since: int = 0) -> list[Effect]:
        return _read(self._call("GET", "ledger", provider=provider, since=since)["effects"], list[Effect])

    def requests(self, provider: str = "", since: int = 0) -> list[Seen]:
        return _read(self._call("GET", "requests", provider=provider, since=since)["requests"], list[Seen])

    def vouchers(self, provider: str = "") -> list[JsonObject]:
        return _read(self._call("GET", "vouchers", provider=provider)["vouchers"], list[JsonObject])

    def put_vouchers(self, provider: str, *vouchers: JsonObject) -> list[JsonObject]:
        content = {"provider": provider, "vouchers": vouchers}
        return _read(self._call("POST", "vouchers", content)["vouchers"], list[JsonObject])

    def rules(self, provider: str, **choices: str) -> dict[str, str]:
        return _read(self._call("POST", "rules", {"provider": provider, **choices})["rules"], dict[str, str])

    def revoke_tokens(self, provider: str, user: str = "") -> None:
        self._call("POST", "revoke", {"provider": provider, "user": user})

    def act(self, provider: str, do: str, **fields: object) -> JsonObject:
        """Something that happens at the provider: see its twin."""
        return self._call("POST", "act", {"provider": provider, "do": do, **fields})

    def webhooks(self, provider: str, url: str, *events: JsonObject, **options: object) -> list[int]:
        content = {"provider": provider, "url": url, "events": events, **options}
        return _read(self._call("POST", "webhooks", content)["statuses"], list[int])

    def down(self, provider: str, down: bool = True) -> None:
        self._call("POST", "down", {"provider": provider, "down": down})

    def reset(self, scenario: str = "") -> None:
        self._call("POST", "reset", {"scenario": scenario})


def _read(content: object, wanted: type[T]) -> T:
    return msgspec.convert(content, wanted)
