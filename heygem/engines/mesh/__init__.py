"""The embedded engine `mesh`: the frame's own lower face is warped, its mouth one that the clip shows in parts."""
