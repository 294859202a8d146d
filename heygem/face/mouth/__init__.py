"""What a person's mouth looks like inside: one model per template, gathered over the frames that show it."""
