"""The partner API (docs/partners.md): our own parts in REST framework's places, and its description."""

from __future__ import annotations

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["partners.permissions.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["partners.throttles.KeyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["partners.bodies.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["partners.bodies.PlainJSON"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "partners.bodies.OnlyJSON",
    "EXCEPTION_HANDLER": "partners.problems.handle",
    "DEFAULT_SCHEMA_CLASS": "partners.schema.Described",
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Wasl partner API",
    "DESCRIPTION": "Vouchers, bookings and customers of the clinics that gave you a key. Begin with docs/partners.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "PREPROCESSING_HOOKS": ["partners.schema.only_ours"],
    "POSTPROCESSING_HOOKS": ["partners.schema.finished"],
}
