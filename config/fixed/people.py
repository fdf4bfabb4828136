"""Who signs in, and how: accounts, passwords, guesses, the second factor (docs/security.md)."""

from __future__ import annotations

AUTH_USER_MODEL = "branches.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [  # a hash of the second kind becomes one of the first when its owner signs in
    "branches.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "branches.passwords.NotTooLong"},
    {"NAME": "branches.passwords.NotGuessable"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "branches.accounts.ClosedSignup"
ACCOUNT_RATE_LIMITS = False  # axes counts in the database, across every process; a second counter would disagree
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a stranger elsewhere cannot lock a colleague out
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "branches.accounts.locked_out"
AXES_USERNAME_CALLABLE = "branches.accounts.name_of"
AXES_CLIENT_IP_CALLABLE = "branches.addresses.address_of"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # kept when the next try succeeds; the attempts that count are not
MFA_ADAPTER = "desk.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "branches.codes.CodeForm",
    "activate_totp": "branches.codes.FirstCodeForm",
    "authenticate_webauthn": "branches.passkeys.SignInPasskey",
    "add_webauthn": "branches.passkeys.NewPasskey",
}
ACCOUNT_FORMS = {"change_password": "branches.my_sign_in.PasswordForm"}
MFA_TOTP_ISSUER = "Wasl"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_REAUTHENTICATION_REQUIRED = False  # our own gate stands before these pages: branches/proof.py
