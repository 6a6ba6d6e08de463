"""Backup and restore: the same warehouse again, or nothing at all."""
