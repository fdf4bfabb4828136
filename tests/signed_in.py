"""Sessions of people who are signed in, as the sign-in page leaves them: with a proof of who they are, still fresh."""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from branches.models import User
from branches.sessions import SEEN, STARTED

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OWNER_KEY = "account_authentication_methods_user"


def sign_in(client: Client, person: User, *, ago: float = 0, method: str = "password") -> Client:
    """`ago` seconds ago; with none, the proof stays fresh for as long as the tests of a module last."""
    client.force_login(person, backend=BACKEND)
    session = client.session
    at = time.time() - ago if ago else time.time() + 3600
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at}]
    session[OWNER_KEY] = str(person.pk)
    session[STARTED] = session[SEEN] = int(time.time())
    session.save()
    return client
