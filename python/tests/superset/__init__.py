"""Apache Superset on the marts."""
