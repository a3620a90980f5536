"""The ceiling: fixed bytes by an ordinary route, without authentication or any lookup."""
