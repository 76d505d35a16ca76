"""The methodologies' workshop: reads the experts' TOML, checks it, and compiles the catalogue."""
