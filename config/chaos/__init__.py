"""The chaos harness (docs/reliability.md): the real site under faults, kills and restarts, and a checker that knows the truth.

    manage.py chaos --redemptions 1000 --seed 7     what one machine can do to it
    manage.py chaos --mutants                       does the checker notice when a rule is dropped?
    manage.py chaos --liveness                      one provider dead for ever: do the others notice?

site      gunicorn and Celery, forked from one process that has everything imported (nursery), on services of their own
staff     people at tills over HTTP: they scan, confirm, press twice, reload, and remember what they were shown
trouble   kills, pauses, restarts and flushes, while the twins spoil a third of all requests
checker   joins the twins' ledger, our tables and what was shown; imports none of the engine's judgement
mutants   rules of the engine, switched off one at a time from outside
"""
