"""The address without a link: what this is, and where to find it."""
