"""The core: media, speech, faces, engines, batches, archives. Knows no chat, no queue runner, no web."""
