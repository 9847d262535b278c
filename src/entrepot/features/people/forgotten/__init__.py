"""Forgotten passwords and usernames, one-time passwords: what may be asked for without a token (AUTH-64 to AUTH-68)."""
