"""The embedded engine `mesh`: the frame's own lower face is warped, the mouth's inside borrowed from the same clip."""
