"""Airport maps: the YAML a user writes, and the compiler that turns it into the flat arrays kernels read."""
