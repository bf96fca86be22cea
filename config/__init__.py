"""Settings of one query_mgr installation."""
