"""Template → face track. LiteRT and the networks that look at faces stay behind this room."""
