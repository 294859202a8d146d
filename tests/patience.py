"""How long a test waits for what has to come: a wait that succeeds costs nothing, and the machine may be busy."""

PATIENCE_SECONDS = 120.0
