"""Settings that no environment changes, by subject. `config/settings.py` takes them all."""
