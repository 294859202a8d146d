-- batch, item, fence, losses at most → 1 if this run held the item, which now waits again, or failed with its last loss
local batch, item, fence, max_losses = unpack(ARGV)
if not holds(batch, item, fence) then return 0 end
lose(batch, item, max_losses)
return 1
