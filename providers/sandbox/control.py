"""The control API under /__control__/: look into the sandbox, change it, script what goes wrong. Loopback only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import parse_qsl

import msgspec

from providers.sandbox.box import SCENARIOS, Sandbox
from providers.sandbox.deliver import deliver
from providers.sandbox.script import QUICK_KINDS, AnyFault, SeedMode
from providers.sandbox.spoiled import Unauthorized
from providers.sandbox.twin import Actor, Answer, JsonObject, Request, Twin, Unfit, in_json

PREFIX = "/__control__/"


class Down(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    down: bool = True


class Reset(msgspec.Struct, forbid_unknown_fields=True):
    scenario: str = ""


class Vouchers(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    vouchers: list[JsonObject]


class Revoke(msgspec.Struct, forbid_unknown_fields=True):
    provider: str
    user: str = ""


class Query(msgspec.Struct, forbid_unknown_fields=True):
    provider: str = ""
    since: int = 0


def is_ours(address: str, host: str) -> bool:
    """From this machine, and meant for it: a web page in somebody's browser can reach loopback under another name."""
    name = host.rpartition(":")[0] or host
    return ipaddress.ip_address(address).is_loopback and name in ("127.0.0.1", "localhost", "[::1]")


def one_of(what: str, given: str, choices: tuple[str, ...]) -> str:
    if given not in choices:
        raise Unfit(f"{what} must be one of {', '.join(choices)}; got {given!r}")
    return given


class Control:
    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self._routes: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", ""): self._overview,
            ("POST", "faults"): self._add_faults,
            ("GET", "faults"): self._list_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "seed_mode"): self._set_seed_mode,
            ("GET", "ledger"): lambda request: {"effects": self._box.books.effects(*self._asked(request))},
            ("GET", "requests"): lambda request: {"requests": self._box.books.requests(*self._asked(request))},
            ("GET", "vouchers"): self._list_vouchers,
            ("POST", "vouchers"): self._put_vouchers,
            ("POST", "rules"): self._set_rules,
            ("POST", "revoke"): self._revoke,
            ("POST", "act"): self._act,
            ("POST", "webhooks"): self._tell,
            ("POST", "down"): self._switch,
            ("POST", "reset"): self._reset,
        }

    def answer(self, request: Request, client: str) -> Answer:
        if not is_ours(client, request.headers.get("host", "")):
            return in_json(403, {"error": "the control API answers this machine only"})
        if request.method == "POST" and not request.headers.get("content-type", "").startswith("application/json"):
            return in_json(415, {"error": "send Content-Type: application/json"})
        route = self._routes.get((request.method, request.path))
        if route is None:
            return self._no_such(request)
        try:
            return in_json(200, msgspec.to_builtins(route(request)))
        except (Unfit, msgspec.DecodeError) as error:  # a ValidationError is a DecodeError
            return in_json(400, {"error": str(error)})

    def _no_such(self, request: Request) -> Answer:
        allowed = [method for method, path in self._routes if path == request.path]
        if allowed:
            return in_json(405, {"error": f"use {' or '.join(allowed)}"}, {"Allow": ", ".join(allowed)})
        return in_json(404, {"error": f"there is no {PREFIX}{request.path}"})

    def _twin(self, slug: str) -> Twin:
        return self._box.twins[one_of("provider", slug, tuple(self._box.twins))]

    def _asked(self, request: Request) -> tuple[str, int]:
        pairs = dict(parse_qsl(request.query, keep_blank_values=True))
        query = msgspec.convert(pairs, Query, strict=False)  # a query string has no numbers of its own
        if query.provider:
            self._twin(query.provider)
        return query.provider, query.since

    def _overview(self, request: Request) -> object:
        twins = self._box.twins.values()
        providers = {twin.slug: {"prefix": twin.prefix, "down": self._box.is_down(twin.slug)} for twin in twins}
        return {"scenario": self._box.scenario, "providers": providers}

    def _add_faults(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=AnyFault | list[AnyFault])
        faults = given if isinstance(given, list) else [given]
        for fault in faults:
            self._check_match(fault)
        return {"ids": [self._box.script.add(fault) for fault in faults]}

    def _check_match(self, rule: AnyFault | SeedMode) -> None:
        twins = [self._twin(rule.provider)] if rule.provider else list(self._box.twins.values())
        if rule.endpoint:
            one_of("endpoint", rule.endpoint, tuple(dict.fromkeys(name for twin in twins for name in twin.endpoints)))
        if isinstance(rule, Unauthorized):
            shapes = dict.fromkeys(name for twin in twins for name in twin.rules["unauthorized"])
            one_of("shape", rule.shape, tuple(shapes))

    def _list_faults(self, request: Request) -> object:
        waiting = self._box.script.waiting
        return {"faults": [{"id": one.number, **msgspec.to_builtins(one.fault)} for one in waiting]}

    def _clear_faults(self, request: Request) -> object:
        self._box.script.clear()
        return {}

    def _set_seed_mode(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=JsonObject)
        kinds = given.get("kinds", list(QUICK_KINDS))
        if isinstance(kinds, list):
            given["kinds"] = [{"kind": kind} if isinstance(kind, str) else kind for kind in kinds]
        mode = msgspec.convert(given, SeedMode)
        self._check_match(mode)
        self._box.script.set_mode(mode)
        return {}

    def _list_vouchers(self, request: Request) -> object:
        slug = self._asked(request)[0]
        with self._box.books.lock:
            slugs = [slug] if slug else list(self._box.twins)
            found = [{"provider": one, **record} for one in slugs for record in self._box.draft(one).of_kind("voucher")]
        return {"vouchers": found}

    def _put_vouchers(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=Vouchers)
        twin = self._twin(given.provider)
        with self._box.books.lock:
            draft = self._box.draft(twin.slug)
            put = [twin.put_voucher(fields, draft, self._box.today()) for fields in given.vouchers]
            self._box.change(twin.slug, draft)
        return {"vouchers": put}

    def _set_rules(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=dict[str, str])
        twin = self._twin(given.pop("provider", ""))
        for name, choice in given.items():
            one_of(name, choice, twin.rules[one_of("rule", name, tuple(twin.rules))])
        with self._box.books.lock:
            draft = self._box.draft(twin.slug)
            rules = {**(draft.find("rules", "") or {}), **given}
            draft.put("rules", "", rules)
            self._box.change(twin.slug, draft)
        return {"rules": {name: rules.get(name, choices[0]) for name, choices in twin.rules.items()}}

    def _revoke(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=Revoke)
        twin = self._twin(given.provider)
        with self._box.books.lock:
            draft = self._box.draft(twin.slug)
            twin.revoke_tokens(given.user, draft)
            self._box.change(twin.slug, draft)
        return {}

    def _actor(self, given: JsonObject) -> tuple[Twin, Actor]:
        twin = self._twin(str(given.pop("provider", "")))
        if not isinstance(twin, Actor):
            raise Unfit(f"{twin.slug} does nothing by itself")
        return twin, twin

    def _act(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=JsonObject)
        twin, actor = self._actor(given)
        with self._box.books.lock:
            draft = self._box.draft(twin.slug)
            found = actor.act(given, request, draft)
            self._box.change(twin.slug, draft)
        return found

    def _tell(self, request: Request) -> object:
        """Sent one after another, in the order that was asked for; what each of them was answered, 0 for nothing."""
        given = msgspec.json.decode(request.body, type=JsonObject)
        twin, actor = self._actor(given)
        with self._box.books.lock:
            draft = self._box.draft(twin.slug)
            found = actor.deliveries(given, request, draft)
            self._box.change(twin.slug, draft)
        return {"statuses": [deliver(one) for one in found]}

    def _switch(self, request: Request) -> object:
        given = msgspec.json.decode(request.body, type=Down)
        self._box.switch(self._twin(given.provider).slug, down=given.down)
        return {}

    def _reset(self, request: Request) -> object:
        given = msgspec.json.decode(request.body or b"{}", type=Reset)
        self._box.reset(one_of("scenario", given.scenario or self._box.scenario, SCENARIOS))
        return {}
