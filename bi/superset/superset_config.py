"""Superset for a team on one machine: its own tables in PostgreSQL, no Redis, no Celery."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_METADATA"]
SUPERSET_WEBSERVER_TIMEOUT = 35  # bi_reader's statements end after 30 s
# The pages carry a counting pixel that no setting takes out: a browser may load nothing from elsewhere
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # it listens on this machine alone
    "session_cookie_secure": False,
}
