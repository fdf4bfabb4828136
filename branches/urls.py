"""Signing in and out, the place one works at, and the language. Of the login library only what staff need is served."""

from allauth.account import views as account
from django.urls import include, path

from branches import views

places = (
    [path("place/", views.place, name="place"), path("language/", views.language, name="language")],
    "branches",
)
urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/", account.password_change, name="account_change_password"),
    path("", include(places)),
]
