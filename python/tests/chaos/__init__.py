"""Kills builds at random moments while readers watch the marts: `make chaos`; shortly in CI."""
