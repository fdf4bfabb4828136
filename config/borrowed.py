"""Texts of Django, allauth and axes whose own Arabic is wrong, missing or clumsy on pages that our people see.

Named here so that our catalogue, which comes first, keeps a translation of each. Nothing calls this module.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

BORROWED = (
    gettext_noop("You must type the same password each time."),
    gettext_noop("Please type your current password."),
    gettext_noop("New Password (again)"),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("History"),
    gettext_noop("Filter"),
    gettext_noop("staff status"),
    gettext_noop("Add another %(verbose_name)s"),
    gettext_noop("access failure"),
    gettext_noop("access failures"),
    gettext_noop("MFA"),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
