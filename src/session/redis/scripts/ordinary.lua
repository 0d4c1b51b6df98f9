-- The ordinary case of a step in a straight line. The functions and tables behind it cost more than all that the ordinary case
-- does; they are made only where this has not returned, for what is damaged, over, of another epoch or another owner.
--
-- Numbers are written as strings where they can be: Redis prints others as fractions, which takes longer than to read.
--
-- What was kept: its key, its times, and whether those are others than before; its owner's index, where it has one, and epoch,
-- where there is one; and the key that leaves the index for it.
local kept, seen, deadline, is_moved, index, epochs, epoch, left

