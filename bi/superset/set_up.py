"""The administrator and the bundle: `set_up.py BUNDLE`, in Superset's own environment.

Again changes nothing but what is newer: what has the same uuid is replaced, and nothing is doubled.
"""

import os
import sys
from zipfile import ZipFile

from superset.app import create_app

ADMIN = "admin"


def main() -> None:
    """Makes `admin` with the password of SUPERSET_ADMIN_PASSWORD, or sets it, and imports."""
    with create_app().app_context():
        # these need the application
        from superset import security_manager as people
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.commands.importers.v1.utils import get_contents_from_bundle
        from superset.utils.core import override_user

        password = os.environ["SUPERSET_ADMIN_PASSWORD"]
        admin = people.find_user(ADMIN)
        if admin:
            people.reset_password(admin.id, password)
        else:
            role = people.find_role("Admin")
            people.add_user(ADMIN, "NexaSat", "Admin", "admin@nexasat.example", role, password)
        with ZipFile(sys.argv[1]) as bundle:
            contents = get_contents_from_bundle(bundle)
        with override_user(people.find_user(ADMIN)):
            ImportAssetsCommand(contents).run()


if __name__ == "__main__":
    main()
