"""Tests of what is judged before anything is written."""
