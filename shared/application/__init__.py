"""One module per use case; `ports` says what they need from outside."""
