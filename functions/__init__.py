"""One folder per Lambda function: a trigger in, one use case called, an answer out."""
