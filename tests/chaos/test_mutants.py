"""Mutants are switched on from outside, each in a process of its own, and each still finds the rule that it drops."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from config.chaos.mutants import MUTANTS
from tests.elsewhere import ROOT, database_url
from tests.terminal import refused


@pytest.mark.django_db
def test_every_mutant_can_be_switched_on_and_its_statements_run() -> None:
    from django.db import connection, transaction

    for name, mutant in MUTANTS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in mutant.sql:
                cursor.execute(statement)
            transaction.set_rollback(True)
        child = os.fork()
        if child == 0:
            try:
                mutant.switch()
                os._exit(0)
            except BaseException:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, name


def test_there_are_more_than_a_dozen_and_each_says_which_rule_it_drops() -> None:
    rules = [mutant.rule for mutant in MUTANTS.values()]
    assert len(rules) == len(set(rules)) >= 12


def test_the_harness_does_not_run_with_production_settings(settings: Any) -> None:
    settings.PRODUCTION = True
    assert "never runs with production settings" in refused("chaos", "--redemptions", "1")


@pytest.mark.django_db
def test_a_mutant_is_unknown_to_the_site_itself() -> None:
    """Nothing but the harness's own processes can switch one on: no variable, no setting."""
    env = os.environ | {"DATABASE_URL": database_url(), "WASL_MUTANT": "an_error_means_no", "PYTHONPATH": str(ROOT)}
    asked = "import django; django.setup(); import sys; print('config.chaos.mutants' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"
