"""Receipts, verified offline: who signed, what was signed, and every number worked out again."""
