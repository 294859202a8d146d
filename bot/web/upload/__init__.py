"""The upload page: large files from a phone's browser into the batch of a chat, through any number of lost connections.

The pieces follow the core of the tus protocol: the server says how many bytes it has (Upload-Offset), the browser goes
on there, and a piece that does not begin there is refused. When the last byte is on the disk, the file takes the same
way as one sent in the chat: `bot.dialogue`.
"""
