"""A check as JSON, on the terminal, and as an HTML page with a picture of the graph."""
