"""`manage.py branch add`."""

from __future__ import annotations

import pytest

from branches.models import Branch, Change
from tests.terminal import in_a_process, refused, typed

NAMES = ("--name-en=Olaya, Riyadh", "--name-ar=العليا، الرياض", "--name-fr=Olaya, Riyad")
WHERE = ("--country=SA", "--timezone=Asia/Riyadh", "--currency=SAR")
OLAYA = ("branch", "add", "olaya", *NAMES, *WHERE)
pytestmark = pytest.mark.django_db


def test_it_opens_a_branch_with_a_till() -> None:
    assert "created" in typed(*OLAYA)
    branch = Branch.objects.get(code="olaya")
    assert (branch.name_ar, branch.country, branch.currency) == ("العليا، الرياض", "SA", "SAR")
    assert branch.tills.count() == 1


def test_twice_is_the_same_as_once_and_the_second_brings_it_up_to_date() -> None:
    typed(*OLAYA)
    assert "up to date" in typed(*OLAYA)
    typed(*OLAYA, "--name-en=Olaya North")
    assert Branch.objects.get().name_en == "Olaya North"
    assert Branch.objects.get().tills.count() == 1


def test_the_audit_says_that_it_was_done_at_a_terminal() -> None:
    typed(*OLAYA)
    change = Change.objects.get(pgh_obj_model="branches.Branch")
    assert change.pgh_label == "insert"
    assert change.pgh_context["command"] == "branch"
    assert change.pgh_context["terminal"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("--timezone=Mars/Phobos", "timezone"),
        ("--timezone=../../etc/passwd", "timezone"),
        ("--country=XX", "country"),
        ("--currency=EUR", "currency"),
        ("--name-en=" + "x" * 100_000, "--name-en"),
        ("--name-en=" + "x" * 130, "name_en"),
        ("--name-ar=ا\x00ب", "--name-ar"),
        ("--name-ar=ا\nب", "--name-ar"),
        ("--name-fr=\udcff", "--name-fr"),
        ("--name-fr=   ", "--name-fr"),
    ],
)
def test_a_value_that_cannot_be_is_named_in_one_line_and_nothing_changes(wrong: str, named: str) -> None:
    assert named.strip("-") in refused(*OLAYA, wrong)
    assert not Branch.objects.exists()


@pytest.mark.parametrize("code", ["with space", "a/b", "x" * 33, "", "قرع", "a\x00b"])
def test_a_code_that_is_no_short_name_is_refused(code: str) -> None:
    refused("branch", "add", code, *NAMES, *WHERE)
    assert not Branch.objects.exists()


def test_a_bad_value_leaves_a_branch_that_is_there_as_it_was() -> None:
    typed(*OLAYA)
    refused(*OLAYA, "--name-en=Other", "--timezone=Nowhere")
    assert Branch.objects.get().name_en == "Olaya, Riyadh"


def test_what_is_missing_is_listed() -> None:
    assert "--timezone" in refused("branch", "add", "olaya", *NAMES)
    assert "action" in refused("branch") or "add" in refused("branch")


def test_its_help_reads_well() -> None:
    shown = in_a_process("branch", "add", "--help")
    assert shown.returncode == 0
    assert "IANA time zone" in shown.stdout and "--pythonpath" not in shown.stdout


def test_at_a_real_terminal_an_error_is_one_line_and_an_exit_code() -> None:
    shown = in_a_process("branch", "add", "olaya")
    assert shown.returncode == 2
    assert len(shown.stderr.splitlines()) == 1 and "--name-en" in shown.stderr
