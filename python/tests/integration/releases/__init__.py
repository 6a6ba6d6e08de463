"""Publishing and going back, on releases whose tables are copied and not built."""
