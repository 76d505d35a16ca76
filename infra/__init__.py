"""Everything that is not deployed: the local stack, seeds, the OpenAPI generator, packaging."""
