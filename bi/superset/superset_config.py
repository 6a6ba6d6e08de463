"""Superset for a team on one machine: its own tables in PostgreSQL, no Redis, no Celery."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA"]
SCARF_ANALYTICS = False  # calls nobody
WTF_CSRF_ENABLED = True
TALISMAN_ENABLED = False  # it asks for https, and this listens on this machine alone
CONTENT_SECURITY_POLICY_WARNING = False
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
SUPERSET_WEBSERVER_TIMEOUT = 35  # bi_reader's statements end after 30 s
FEATURE_FLAGS = {"DASHBOARD_RBAC": False, "ALERT_REPORTS": False}
