"""Django's engine for a standby that lists are read from (accounts/standby.py)."""
