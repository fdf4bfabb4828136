"""Our simulator of the providers: an honest twin of each behind one small HTTP server.

Free of Django and of every client: a twin that shared a line with the client would share its mistakes. A twin never sees
our database either; what it did is in its own ledger, which the tests compare with ours.
"""
