"""Runs template.yaml on one machine: `python -m infra.local`, without Docker and without AWS.

MiniStack stands in for the AWS endpoint (IAM, Lambda, DynamoDB, SQS, Secrets Manager ...). What it
lacks or does differently is here: the HTTP API with its authorizer, the event source mappings, the
schedules, and, with `--store durable`, DynamoDB Local in place of its tables.
"""
