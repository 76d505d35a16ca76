"""What the local stack is filled with: partners, people, and a sample month with its outcomes."""
