"""Changes to places and people. Each is idempotent: running a command twice is the same as once."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from branches.models import Branch, Membership, Till, User
from branches.roles import Role
from branches.sessions import end_sessions


def add_branch(*, code: str, names: dict[str, str], country: str, timezone: str, currency: str) -> tuple[Branch, bool]:
    """Create or bring up to date one branch. Raises ValidationError when a value is not possible."""
    fields = {"name_ar": names["ar"], "name_en": names["en"], "name_fr": names["fr"]}
    fields |= {"country": country, "timezone": timezone, "currency": currency}
    with transaction.atomic():
        branch = Branch.objects.select_for_update().filter(code=code).first()
        created = branch is None
        branch = branch or Branch(code=code)
        for name, value in fields.items():
            setattr(branch, name, value)
        branch.full_clean()
        branch.save()
        Till.objects.get_or_create(branch=branch, number=1)
    return branch, created


def add_staff(*, username: str, role: str, branches: Iterable[Branch], password: str | None) -> tuple[User, bool]:
    """Create or bring up to date one member of staff."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username).first()
        created = user is None
        user = user or User(username=username)
        set_password(user, password, created)
        user.full_clean(exclude=["password"])
        user.save()
        for branch in branches:
            Membership.objects.update_or_create(user=user, branch=branch, defaults={"role": role})
        set_admin_right(user)
    return user, created


def set_admin_right(user: User) -> None:
    """Only technical administrators may open the admin site, wherever they are one. To be called when memberships change."""
    right = user.memberships.filter(role=Role.ADMIN).exists()
    if (user.is_staff, user.is_superuser) != (right, right):
        user.is_staff = user.is_superuser = right
        user.save(update_fields=["is_staff", "is_superuser"])


def reset_factors(person: User) -> int:
    """Take away every second factor and end every session: who has the password signs in and sets up new ones."""
    with transaction.atomic():
        number = Authenticator.objects.filter(user=person).count()
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
    return int(number)


def set_password(user: User, password: str | None, created: bool) -> None:
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
    elif created:
        user.set_unusable_password()
