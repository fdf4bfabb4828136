"""What the site is made of, and what each request passes, from the outside in."""

from __future__ import annotations

INSTALLED_APPS = [
    "config",
    "desk",
    "vouchers",
    "loyalty",
    "reservations",
    "partners",
    "customers",
    "providers",
    "branches",
    "django.contrib.admin.apps.SimpleAdminConfig",  # its pages are loaded with the addresses: workers have none
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",  # its templates, which FORM_RENDERER looks for among those of the apps
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "config.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",  # outside of what redirects to https and refuses hosts: those answers carry it too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "partners.middleware.Api",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "branches.middleware.SessionEnd",
    "branches.middleware.Language",
    "config.middleware.BoundedInput",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.AuditContext",
    "branches.middleware.SecondFactor",
    "branches.middleware.Place",
    "axes.middleware.AxesMiddleware",
]
