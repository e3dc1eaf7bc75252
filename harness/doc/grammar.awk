# The tables of `oomlab show --grammar`, as mdoc(7):
#   ### `needs`
#   | `cgroup` (must) | v1, v2 or [v1, v2] | the versions it makes sense on |
function esc(s) {
  gsub(/`/, "", s)
  gsub(/\\/, "\\e", s)
  gsub(/"/, "\\(dq", s)
  return s
}
/^### / { if (open) print ".El"; open = 0; print ".Ss " esc(substr($0, 5)); next }
/^\| key / || /^\|---/ || /^$/ { next }
/^\| / {
  if (!open) print ".Bl -tag -width Ds"
  open = 1
  sub(/^\| /, "")
  sub(/ \|$/, "")
  gsub(/\\\|/, "\001") # an escaped bar is no border
  n = split($0, cell, / \| /)
  for (i = 1; i <= n; i++) gsub(/\001/, "|", cell[i])
  must = sub(/ \(must\)$/, "", cell[1])
  print ".It Ic \"" esc(cell[1]) "\" : Ar \"" esc(cell[2]) "\"" (must ? " Pq \"must\"" : "")
  print (cell[3] ~ /^[.']/ ? "\\&" : "") esc(cell[3])
}
END { if (open) print ".El" }
