-- batch, item, fence, losses at most, failure JSON or '' → 1 if this run held the item, which now waits again, or failed with its last loss
local batch, item, fence, max_losses, failure = unpack(ARGV)
if not holds(batch, item, fence) then return 0 end
even_when_full()
lose(batch, item, max_losses, failure ~= '' and failure or nil)
return 1
