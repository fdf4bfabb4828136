"""The site's own settings, with what only tests need. Worker processes that tests start use them too."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

from tests.shares import a_share_of_its_own

a_share_of_its_own(os.environ)

from config.settings import *  # noqa: E402, F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests"]  # noqa: F405  # a quicker flush
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and worthless outside a test

if "WASL_TEST_WINDOWS" in os.environ:  # a providers.windows.Windows in all but name: models cannot be imported yet
    WINDOWS = SimpleNamespace(**json.loads(os.environ["WASL_TEST_WINDOWS"]))
