"""What tests/run_tests.py is made of: builds, unit tests, language tests, checks, the runner."""
