"""Tests of the playbook's text."""
