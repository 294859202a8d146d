"""What every room of the house stands on: files, processes. Nothing here knows anything of ours."""
