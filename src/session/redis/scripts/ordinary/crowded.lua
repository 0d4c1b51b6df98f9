if kept then
  make_room(index, kept)
  return 1
end

