"""The playbook over HTTP."""
