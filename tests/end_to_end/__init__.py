"""Bailiff end to end: real functions, the AWS SDK on the wire, IAM enforced."""
