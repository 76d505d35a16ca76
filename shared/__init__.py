"""What the functions share: pure rules, use cases, adapters and the runtime around them."""
