"""Signing in and out, one's own sign-in, the place one works at, and the language. Of the login library only what staff need is
served, under the names by which it looks for its own pages."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from django.urls import include, path

from branches import again, my_sign_in, views
from branches.proof import proof_required

places = (
    [
        path("place/", views.place, name="place"),
        path("language/", views.language, name="language"),
        path("mine/sessions/", my_sign_in.end_sessions, name="end_sessions"),
    ],
    "branches",
)
urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("again/", again.again, name="account_reauthenticate"),
    path("password/", my_sign_in.NewPassword.as_view(), name="account_change_password"),
    path("mine/", my_sign_in.Overview.as_view(), name="mfa_index"),
    path("mine/app/", my_sign_in.AddApp.as_view(), name="mfa_activate_totp"),
    path("mine/app/remove/", my_sign_in.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("mine/passkey/", my_sign_in.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("mine/passkey/<int:pk>/remove/", my_sign_in.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("mine/codes/", proof_required(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("mine/codes/new/", my_sign_in.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("", include(places)),
]
