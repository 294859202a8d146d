"""The arq worker: takes the next item, runs it in a warm render process, reports."""
