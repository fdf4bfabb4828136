"""PostgreSQL and Valkey for a machine that has neither: the first command starts them, the last stops them.

`with running(var) as env:` gives the addresses as environment values. Who runs where:

    command  holds a shared lock on var/users.lock; as many as like; the kernel lets go of it however they end
    keeper   holds var/keeper.lock; one process; owns the servers, starts them again when they die,
             stops them when nobody holds users.lock any more

A service whose variable (DATABASE_URL, BROKER_URL) is already set is not started. No Django in here.
"""

from config.embedded.hold import Hold, enter, enter_for_tests, running
from config.embedded.place import EmbeddedError, var_folder

__all__ = ["EmbeddedError", "Hold", "enter", "enter_for_tests", "running", "var_folder"]
