"""The commands: each parses its options, calls the modules one level up and prints."""
