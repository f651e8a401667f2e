"""One recogniser a file; `registry` says which of them run, and on which texts."""
