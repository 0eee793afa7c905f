"""What template.yaml must hold.

Every check is a function from a template to the list of what is wrong with it, so that a test can also break a copy and
see the check notice.
"""
