"""The site's own settings, with what only tests need. Worker processes that tests start use them too."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from urllib.parse import urlsplit

from tests.shares import a_share_of_its_own

a_share_of_its_own(os.environ)

# The tests make and empty a database: they own it. The processes they start, and tests/config/test_rights.py, do not.
if "WASL_TEST_APP_URL" not in os.environ:
    os.environ["WASL_TEST_APP_URL"] = os.environ.get("DATABASE_URL", "")
    os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL", "")

from config.settings import *  # noqa: E402, F403  # after what it reads, and all of it

APP_ROLE = urlsplit(os.environ["WASL_TEST_APP_URL"]).username or ""

INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # noqa: F405  # a quicker flush
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and worthless outside a test
# As long as in production, where a file's name changes with it: a font that Chromium asks for anew is one that it says was
# fetched early and not used.
WHITENOISE_MAX_AGE = 365 * 24 * 3600

if "WASL_TEST_WINDOWS" in os.environ:  # a providers.windows.Windows in all but name: models cannot be imported yet
    WINDOWS = SimpleNamespace(**json.loads(os.environ["WASL_TEST_WINDOWS"]))
