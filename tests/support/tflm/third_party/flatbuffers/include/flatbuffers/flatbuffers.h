// Stand-in: only its place matters.
