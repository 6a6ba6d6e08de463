"""The parts of the embedded PostgreSQL; `nexasat.server` is what others use."""
