"""A copy of the database as one file, and putting it back whole or not at all.

archive   the file: a zip of PostgreSQL's own dump and a manifest with its checksum
programs  pg_dump, pg_restore and psql, fit for the server
take      make one
restore   put one back in a single transaction
"""
