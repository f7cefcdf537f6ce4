"""The command line: a thin skin over the library. One module per command group; each parses, calls and prints."""
