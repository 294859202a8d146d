"""What every front end needs between its platform and the conversation."""
