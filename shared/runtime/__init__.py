"""What surrounds a handler: settings, telemetry, HTTP, problem+json, strict JSON."""
